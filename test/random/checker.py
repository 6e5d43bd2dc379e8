"""checker.py - takes programs through gradcc, compilers and their checks.

A batch of programs shares one link and one run for each configuration; what
goes wrong is put down to the program that it happened to.
"""
import os
import re

import toolchain
from toolchain import run, write


# The messages that say that gradcc does not know a construct.
REFUSAL = re.compile(r"not supported|cannot be differentiated|"
                     r"made anew in each|a global variable carries|"
                     r"may point to what")


class Case:
    """A program to check, and what became of it."""

    def __init__(self, seed, source, harness, options=()):
        self.seed = seed
        self.name = "f%d" % seed
        self.source = source
        self.harness = harness
        self.options = list(options)  # for gradcc
        self.refusal = None           # why gradcc does not take it
        self.finding = None           # what is wrong
        self.rough = 0                # places where it is not smooth
        self.checks = 0

    @property
    def is_single(self):
        return re.search(r"\bfloat\b", self.source) is not None

    @property
    def goes_on(self):
        return not self.refusal and not self.finding

    def find(self, stage, configuration, output):
        if not self.finding:
            self.finding = Finding(stage, configuration, output)


class Finding:
    """stage: gradcc, compile, or run."""

    def __init__(self, stage, configuration, output):
        self.stage = stage
        self.configuration = configuration
        self.output = output.strip()

    def summary(self):
        """One line: what went wrong, without what differs by program."""
        return "%s (%s): %s" % (self.stage, self.configuration, self.line())

    def line(self):
        lines = self.output.split("\n")
        for pattern in (r"BUG|internal|assert", r"ERROR: \w+Sanitizer",
                        r"runtime error", r"error:|warning:", r": n = "):
            for text in lines:
                if re.search(pattern, text):
                    return normal(text)
        return normal(lines[-1]) if lines else ""


def normal(text):
    """A message without places, numbers and the names of variables."""
    text = re.sub(r"^==\d+==|^\S+:\d+(:\d+)?: |^\d+: ", "", text)
    text = re.sub(r"0x[0-9a-f]+.*", "", text)
    text = re.sub(r"['‘][^'’]*['’]", "'...'", text)
    text = re.sub(r": n = .*", "", text)
    return re.sub(r"-?\b\d[\d.e+-]*\b|\bnan\b|\b[a-z]\d+\b", "N", text)[:150]


class Settings:
    """gradcc: its path; options: for it, on every program."""

    def __init__(self, gradcc, configurations, folder, options=()):
        self.gradcc = gradcc
        self.configurations = configurations
        self.options = list(options)
        self.runtime = {
            c.name: toolchain.runtime_objects(c, folder)
            for c in configurations
        }


def check(cases, settings, configurations, folder):
    """Checks the cases in a folder of their own."""
    os.makedirs(os.path.join(folder, "wide"), exist_ok=True)
    for case in cases:
        write(folder, case.name + ".c", case.source)
        write(folder, "u%d.c" % case.seed, case.harness)
        differentiate(case, settings, folder)
    for configuration in configurations:
        check_compiled([c for c in cases if c.goes_on], settings,
                       configuration, folder)


def differentiate(case, settings, folder):
    output = case.name + "_grad.c"
    command = [settings.gradcc, case.name + ".c", "-o", output]
    done = run(command + settings.options + case.options, folder, 10,
               "gradcc")
    written = os.path.exists(os.path.join(folder, output))
    if done.status == 1 and REFUSAL.search(done.output):
        case.refusal = done.output.strip()
    elif not done.succeeded:
        case.find("gradcc", "-", "%s\n%s" % (done.output, done.describe()))
    elif not written:
        case.find("gradcc", "-", "no output was written")
    if not done.succeeded and written:
        case.find("gradcc", "-", "output was written on an error")


def check_compiled(cases, settings, configuration, folder):
    """Compiles, links and runs the cases in one configuration."""
    wide = [c for c in cases if c.is_single and configuration.wide]
    compile_cases(cases, configuration, folder, "", [])
    compile_cases(wide, configuration, folder, "wide", wide_flags(wide))
    cases = [c for c in cases if c.goes_on]
    if not cases:
        return
    wide = [c for c in wide if c.goes_on]
    program = link(cases, wide, settings, configuration, folder)
    done = run([program], folder, 10 + len(cases), "program")
    read_output(cases, configuration, done)
    left = [c for c in cases if not c.checks or not done.succeeded]
    for case in left:
        if case.goes_on:
            check_alone(case, program, configuration, folder, done)


def wide_flags(cases):
    flags = ["-w", "-include", "wide.h"]
    for case in cases:
        for end in ("", "_grad", "_fwd"):
            flags.append("-D%s%s=%s%s_wide" % (case.name, end, case.name, end))
    return flags


def compile_cases(cases, configuration, folder, subfolder, flags):
    """Two objects for each case: its harness with the primal, and what
    gradcc made."""
    if not cases:
        return
    here = os.path.join(folder, subfolder)
    harnesses = {"u%d" % case.seed: case for case in cases}
    derivatives = {case.name + "_grad": case for case in cases}
    compile_all(harnesses, configuration.harness_flags + flags, "harness",
                configuration, folder, here)
    compile_all(derivatives, flags, "compile", configuration, folder, here)


def compile_all(sources, flags, stage, configuration, folder, here):
    """At once; if that fails, those again that failed, for their messages."""
    command = configuration.command() + flags + ["-DDERIVATIVES", "-c"]
    paths = {name: os.path.join(folder, name + ".c") for name in sources}
    for name in sources:
        remove(os.path.join(here, name + ".o"))
    done = run(command + sorted(paths.values()), here, 20 + 5 * len(sources))
    for name, case in sources.items():
        if done.succeeded or os.path.exists(os.path.join(here, name + ".o")):
            continue
        alone = run(command + [paths[name]], here, 30)
        if not alone.succeeded:
            case.find(stage, configuration.name,
                      "%s\n%s" % (alone.output, alone.describe()))


def remove(path):
    if os.path.exists(path):
        os.remove(path)


def link(cases, wide, settings, configuration, folder):
    """The path of a program that checks all cases."""
    names, kinds_, objects = [], [], []
    for case in cases:
        wide_too = case in wide
        names.append("program_" + case.name)
        kinds_ += kinds(case, wide_too)
        folders = [""] + (["wide"] if wide_too else [])
        if wide_too:
            names.append("program_%s_wide" % case.name)
        objects += [os.path.join(here, name) for here in folders
                    for name in ("u%d.o" % case.seed, case.name + "_grad.o")]
    write(folder, "list.c", list_text(names, kinds_))
    program = "./check-" + configuration.name
    done = run(configuration.command() + ["list.c"] + objects +
               settings.runtime[configuration.name] +
               ["-o", program, "-lm"], folder, 60)
    if not done.succeeded:
        raise SystemExit("linking failed:\n" + done.output)
    return program


def kinds(case, wide_too):
    """How exact a case is, and its second copy."""
    return ["SINGLE" if case.is_single else "EXACT"] + ["WIDE"] * wide_too


def list_text(names, exactness):
    """The C text of the list of programs that driver.c reads."""
    text = '#include "harness.h"\n'
    text += "".join("extern const HarnessProgram %s;\n" % n for n in names)
    text += "const HarnessEntry programs[] = {\n%s    {NULL, 0}};\n" % "".join(
        "    {&%s, HARNESS_%s},\n" % pair for pair in zip(names, exactness))
    return text


def read_output(cases, configuration, done):
    """Notes which cases are right and what the others print."""
    by_seed = {str(case.seed): case for case in cases}
    failed = {}
    for line in done.output.split("\n"):
        seed, _, text = line.partition(": ")
        case = by_seed.get(seed)
        if not case:
            continue
        match = re.match(r"(ok|FAILED), (\d+) checks, (\d+) rough", text)
        if match:
            case.checks += int(match[2])
            case.rough += int(match[3])
        if not match or match[1] == "FAILED":
            failed.setdefault(seed, []).append(line)
    for seed, lines in failed.items():
        by_seed[seed].find("run", configuration.name, "\n".join(lines))


def check_alone(case, program, configuration, folder, whole):
    """Runs one case, because the run of all of them went wrong."""
    if whole.succeeded:
        case.find("run", configuration.name, "it was not checked")
        return
    done = run([program, str(case.seed)], folder, 10, "program")
    if not done.succeeded:
        case.find("run", configuration.name,
                  "%s\n%s" % (done.output, done.describe()))
