"""checker.py - takes programs through gradcc, compilers and their checks.

A batch of programs shares one call of gradcc and, for each configuration, one
translation unit, one link and one run. What goes wrong is put down to the
program that it happened to: where that cannot be told, by trying parts of the
batch again.
"""
import os
import re

import joined
import toolchain
from program.marks import unmarked
from toolchain import run, write


# The messages that say that gradcc does not know a construct.
REFUSAL = re.compile(r"not supported|cannot be differentiated|"
                     r"made anew in each|a global variable carries|"
                     r"may point to what|in several directions|"
                     r"must be evaluated several times")
# And those about marked loops.
MARKED_REFUSAL = re.compile(REFUSAL.pattern + r"|checkpointed loop|"
                            r"part of the loop's state|must be made inside|"
                            r"to a recursive function")


class Case:
    """A program to check, and what became of it."""

    def __init__(self, seed, source, harness, options=(), marked=False):
        self.seed = seed
        self.name = "f%d" % seed
        self.source = source
        self.harness = harness
        self.twin = None  # the same without checkpointing
        if marked:
            self.twin = Twin(self)
        self.options = list(options)  # for gradcc
        self.refusal = None           # why gradcc does not take it
        self.finding = None           # what is wrong
        self.rough = 0                # places where it is not smooth
        self.checks = 0
        self.fired = None             # passes that changed it, where looked at

    @property
    def files(self):
        """Itself and its twin: what gradcc and compilers take."""
        return [self] + ([self.twin] if self.twin else [])

    @property
    def names(self):
        return [file.name for file in self.files]

    @property
    def is_single(self):
        return re.search(r"\bfloat\b", self.source) is not None

    def refuses(self, output):
        pattern = MARKED_REFUSAL if self.twin else REFUSAL
        return pattern.search(output) is not None

    @property
    def goes_on(self):
        return not self.refusal and not self.finding

    def find(self, stage, configuration, output):
        if not self.finding:
            self.finding = Finding(stage, configuration, output)


class Twin:
    """What stands for the unmarked copy of a case."""

    def __init__(self, case):
        self.seed = case.seed
        self.name = "p%d" % case.seed
        self.names = [self.name]
        self.source = unmarked(case.source, case.name, self.name)


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
        for pattern in (r"ERROR: \w+Sanitizer", r"runtime error",
                        r"BUG|internal error|assert", r"error:|warning:",
                        r": n = "):
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
            for c in configurations if c.links
        }


def check(cases, settings, configurations, folder):
    """Checks the cases in a folder of their own. Their options are those of
    the first."""
    os.makedirs(folder, exist_ok=True)
    for case in cases:
        for file in case.files:
            write(folder, file.name + ".c", file.source)
        write(folder, "u%d.c" % case.seed, case.harness)
    differentiate(cases, settings, folder)
    for configuration in configurations:
        left = [c for c in cases if c.goes_on]
        if configuration.links:
            check_compiled(left, settings, configuration, folder)
        else:
            check_warnings(left, configuration, folder)


# Passes whose rules are delicate: a run should tell how many programs they
# changed.
WATCHED = ["fuse", "batch", "join", "restore", "ascend"]


def watch_passes(cases, settings, folder):
    """Notes which of the watched passes changed a program: its derivative is
    another one without the pass."""
    if any(c.options for c in cases) or settings.options:
        return
    cases = [c for c in cases if c.goes_on]
    for case in cases:
        case.fired = set()
    for name in WATCHED if cases else []:
        here = os.path.join(folder, "no-" + name)
        os.makedirs(here)
        run([settings.gradcc, "--no-" + name] +
            [os.path.join("..", c.name + ".c") for c in cases], here,
            10 + len(cases) // 4, "gradcc")
        for case in cases:
            texts = [read(os.path.join(at, case.name + "_grad.c"))
                     for at in (folder, here)]
            if texts[1] and texts[0] != texts[1]:
                case.fired.add(name)


def read(path):
    if not os.path.exists(path):
        return None
    with open(path) as file:
        return file.read()


def apart(cases, output):
    """Groups of cases to try again, after what all of them together gave:
    those that the output mentions one by one, the others together."""
    named = set(re.findall(r"[fpu_](\d+)", output))
    guilty = [c for c in cases if str(c.seed) in named]
    if guilty and len(guilty) <= 4 and len(guilty) < len(cases):
        return [[c] for c in guilty] + [[c for c in cases
                                         if c not in guilty]]
    middle = len(cases) // 2
    return [cases[:middle], cases[middle:]]


# ---- gradcc ----

def differentiate(cases, settings, folder):
    if not cases:
        return
    files = files_of(cases)
    command = [settings.gradcc] + [f.name + ".c" for f in files]
    for file in files:
        remove(os.path.join(folder, file.name + "_grad.c"))
    done = run(command + settings.options + cases[0].options, folder,
               10 + len(files) // 4, "gradcc")
    written = [f for f in files if
               os.path.exists(os.path.join(folder, f.name + "_grad.c"))]
    if done.succeeded and len(written) == len(files):
        return
    if len(cases) > 1:
        for group in apart(cases, done.output):
            differentiate(group, settings, folder)
        return
    judge(cases[0], done, written)


def files_of(cases):
    return [file for case in cases for file in case.files]


def judge(case, done, written):
    """Notes why gradcc does not take this one."""
    if done.status == 1 and case.refuses(done.output):
        case.refusal = done.output.strip()
    elif not done.succeeded:
        case.find("gradcc", "-", "%s\n%s" % (done.output, done.describe()))
    else:
        case.find("gradcc", "-", "no output was written")
    if not done.succeeded and written:
        case.find("gradcc", "-", "output was written on an error")


def remove(path):
    if os.path.exists(path):
        os.remove(path)


# ---- Compilers ----

def check_warnings(cases, configuration, folder):
    """Compiles what gradcc made without linking it."""
    if not cases:
        return
    if configuration.joins and len(cases) > 1:
        failed = compile_unit(cases, "compile", "", configuration, folder)
    else:
        failed = compile_each(cases, configuration, folder)
    if failed and len(cases) == 1:
        cases[0].find(*failed)
    elif failed:
        for group in apart(cases, failed[2]):
            check_warnings(group, configuration, folder)


def compile_each(cases, configuration, folder):
    """Each file by itself: it must include what it needs."""
    sources = [derivative_file(file) for file in files_of(cases)]
    return failure("compile", configuration, run(
        configuration.command() + sources, folder, 20 + 2 * len(cases)))


def failure(stage, configuration, done):
    """(stage, configuration, output), or None if it succeeded."""
    if done.succeeded:
        return None
    return (stage, configuration.name,
            "%s\n%s" % (done.output, done.describe()))


def check_compiled(cases, settings, configuration, folder):
    """Compiles, links and runs the cases in one configuration."""
    if not cases:
        return
    wide = [c for c in cases if c.is_single and configuration.wide]
    failed = compile_objects(cases, wide, configuration, folder)
    if failed and len(cases) == 1:
        cases[0].find(*failed)
    elif failed:
        for group in apart(cases, failed[2]):
            check_compiled(group, settings, configuration, folder)
    else:
        run_checks(cases, wide, settings, configuration, folder)


def run_checks(cases, wide, settings, configuration, folder):
    program = link(cases, wide, settings, configuration, folder)
    done = run([program], folder, 10 + len(cases), "program")
    read_output(cases, configuration, done)
    for case in cases:
        if case.goes_on and not done.succeeded:
            check_alone(case, program, configuration, folder)
    for case in cases:
        if case.goes_on and not case.checks:
            case.find("run", configuration.name, "it was not checked")


def compile_objects(cases, wide, configuration, folder):
    """The objects of the primals, and of what gradcc made, and of their
    second copies. What failed as (stage, configuration, output), or None."""
    for group, suffix in ((cases, ""), (wide, "_wide")):
        failed = group and (
            compile_unit(group, "harness", suffix, configuration, folder) or
            compile_unit(group, "compile", suffix, configuration, folder))
        if failed:
            return failed
    return None


def compile_unit(cases, stage, suffix, configuration, folder):
    if stage == "harness":
        file_of, own = harness_file, configuration.harness_flags
    else:
        file_of, own, cases = derivative_file, [], files_of(cases)
    if len(cases) == 1:
        source = file_of(cases[0])
        own = own + (wide_flags(cases[0]) if suffix else [])
    else:
        source = "%s%s.c" % (stage, suffix)
        write(folder, source, joined.unit(
            cases, file_of, lambda case: texts(case, folder), bool(suffix)))
        own = own + (["-w"] if suffix else [])
    command = configuration.command() + own + [
        "-DDERIVATIVES", "-c", source, "-o", stage + suffix + ".o"]
    return failure(stage, configuration,
                   run(command, folder, 30 + 5 * len(cases)))


def harness_file(case):
    return "u%d.c" % case.seed


def derivative_file(case):
    return case.name + "_grad.c"


def texts(case, folder):
    """All that defines names for the case, or for its twin."""
    yield case.source
    for end in ("_grad.c", "_grad.h"):
        with open(os.path.join(folder, case.name + end)) as file:
            yield file.read()


def wide_flags(case):
    flags = ["-w", "-include", "wide.h"]
    return flags + ["-D%s=%s" % pair for pair in joined.wide_names(case)]


# ---- The checks ----

def link(cases, wide, settings, configuration, folder):
    """The path of a program that checks all cases."""
    names, kinds_ = [], []
    for case in cases:
        wide_too = case in wide
        names.append("program_" + case.name)
        kinds_ += kinds(case, wide_too)
        if wide_too:
            names.append("program_%s_wide" % case.name)
    objects = ["harness.o", "compile.o"]
    if wide:
        objects += ["harness_wide.o", "compile_wide.o"]
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


def check_alone(case, program, configuration, folder):
    """Runs one case, because the run of all of them went wrong."""
    done = run([program, str(case.seed)], folder, 10, "program")
    read_output([case], configuration, done)
    if not done.succeeded:
        case.find("run", configuration.name,
                  "%s\n%s" % (done.output, done.describe()))
