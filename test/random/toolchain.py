"""toolchain.py - runs gradcc, compilers and programs, with time limits."""
import os
import signal
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
INPUTS = os.path.join(HERE, "Inputs")
RUNTIME = os.path.join(ROOT, "runtime")

WARNINGS = "-Wall -Wextra -Werror -Wno-unknown-pragmas".split()
# Functions of constants are not evaluated by the compiler: its results differ
# from the library's, and a program has other constants than its derivative.
BASE = ["-std=c11", "-ffp-contract=off", "-fno-builtin", "-I" + INPUTS,
        "-I" + os.path.join(RUNTIME, "include")]
# Warnings are for the plain configurations: instrumented code confuses
# those that follow the flow of data.
SANITIZE = ["-w", "-g", "-fno-sanitize-recover=all", "-fsanitize="]

# What UndefinedBehaviorSanitizer takes long for and AddressSanitizer sees.
LESS = "-fno-sanitize=alignment,null,object-size,pointer-overflow"


class Configuration:
    """A compiler with flags. wide: it also compiles, where a program uses
    float, a second copy that computes in double. links: what it compiles is
    run; otherwise it is there for its warnings alone. joins: a batch is one
    translation unit."""

    def __init__(self, name, compiler, flags, wide=False, links=True,
                 joins=True):
        self.name = name
        self.compiler = compiler
        self.flags = flags
        self.wide = wide
        self.links = links
        self.joins = joins
        self.harness_flags = []  # for the primal, which is no output

    def command(self):
        return [self.compiler] + BASE + self.flags

    def relaxed(self):
        """The same, without warnings about the program itself."""
        same = Configuration(self.name, self.compiler, self.flags, self.wide,
                             self.links, self.joins)
        same.harness_flags = ["-w"]
        return same


def sanitized(kinds, *more):
    return SANITIZE[:-1] + [SANITIZE[-1] + kinds] + list(more)


# The first three are the fast ones.
CONFIGURATIONS = {c.name: c for c in (
    Configuration("gcc-warnings", "gcc", ["-fsyntax-only"] + WARNINGS,
                  links=False),
    Configuration("clang-warnings", "clang", ["-fsyntax-only"] + WARNINGS,
                  links=False),
    Configuration("clang-check", "clang",
                  ["-O0"] + sanitized("address,undefined", "-g0", LESS),
                  wide=True),
    Configuration("each", "gcc", ["-fsyntax-only"] + WARNINGS, links=False,
                  joins=False),
    Configuration("gcc", "gcc", ["-O1"] + WARNINGS, wide=True),
    Configuration("clang", "clang", ["-O2"] + WARNINGS, wide=True),
    Configuration("gcc-asan", "gcc",
                  ["-O1"] + sanitized("address,undefined")),
    Configuration("clang-asan", "clang",
                  ["-O1"] + sanitized("address,undefined")),
    Configuration("clang-msan", "clang", ["-O1"] + sanitized("memory")),
)}

SANITIZER_OPTIONS = {
    # In gradcc, memory is kept until it exits, by design.
    "gradcc": {"ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1:"
                               "malloc_context_size=3:quarantine_size_mb=4",
               "UBSAN_OPTIONS": "abort_on_error=1:print_stacktrace=1"},
    "program": {"ASAN_OPTIONS": "detect_leaks=1:detect_stack_use_after_"
                                "return=1:malloc_fill_byte=255:"
                                "max_malloc_fill_size=65536",
                "UBSAN_OPTIONS": "print_stacktrace=1"},
}


class Outcome:
    """What a command did. status is None if it ran out of time."""

    def __init__(self, status, output):
        self.status = status
        self.output = output

    @property
    def succeeded(self):
        return self.status == 0

    def describe(self):
        if self.status is None:
            return "out of time"
        if self.status in (-signal.SIGXCPU, -signal.SIGKILL):
            return "out of time"
        if self.status < 0:
            return "signal %d" % -self.status
        return "exit status %d" % self.status


def run(command, folder, seconds=10, kind=None):
    """Runs a command, its output and errors together. The limit is one of
    the processor's time, for the machine may be busy; waiting has another."""
    limit = ["sh", "-c", 'ulimit -t %d; exec "$@"' % seconds, "sh"]
    environment = dict(os.environ, LC_ALL="C")
    environment.update(SANITIZER_OPTIONS.get(kind, {}))
    try:
        done = subprocess.run(limit + command, cwd=folder, env=environment,
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=20 * seconds)
    except subprocess.TimeoutExpired as late:
        return Outcome(None, (late.output or b"").decode(errors="replace"))
    return Outcome(done.returncode, done.stdout.decode(errors="replace"))


def write(folder, name, text):
    with open(os.path.join(folder, name), "w") as file:
        file.write(text)


def runtime_objects(configuration, folder):
    """The paths of the checks and the runtime, compiled into folder."""
    here = os.path.join(folder, "runtime-" + configuration.name)
    os.makedirs(here, exist_ok=True)
    sources = [os.path.join(INPUTS, "driver.c")]
    for name in sorted(os.listdir(RUNTIME)):
        if name.endswith(".c"):
            sources.append(os.path.join(RUNTIME, name))
    flags = [f for f in configuration.flags if f not in WARNINGS]
    command = [configuration.compiler] + BASE + flags + ["-c"] + sources
    done = run(command, here, 120)
    if not done.succeeded:
        raise SystemExit("the runtime does not compile:\n" + done.output)
    return [os.path.join(here, os.path.basename(s)[:-1] + "o")
            for s in sources]
