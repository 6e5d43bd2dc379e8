#!/usr/bin/env python3
"""run.py --seeds COUNT - random programs through gradcc.

For each seed: the program of generate.py goes through gradcc; compilers must
take what comes out without a warning; both derivatives must compute the
primal's results bit for bit; reverse must agree with forward mode, and
forward mode with differences; and sanitizers must find nothing.

With --checkpoint, loops and calls are marked, and the gradient must have the
same bits as without the marks.

An error of gradcc that says "not supported" is a refusal: counted, and
listed at the end. Anything else is a finding: it is written to the folder
that --keep names, with a script that reproduces it and a smaller program
that still shows it. The exit status is 1 if there is any.
"""
import argparse
import collections
import concurrent.futures
import os
import random
import re
import shutil
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import checker  # noqa: E402
import keep  # noqa: E402
from program.harness import harness  # noqa: E402
from program.marks import marked  # noqa: E402
from program.program import Program  # noqa: E402
from toolchain import CONFIGURATIONS, ROOT  # noqa: E402

# What --configurations can be besides a list of them. fast: the first three
# of CONFIGURATIONS for each program, and for some of them one that takes
# longer; these take turns. all: all of them for each program.
FAST = ["gcc-warnings", "clang-warnings", "clang-check"]
SLOW = {1: "gcc", 5: "clang", 9: "gcc", 13: "gcc-asan", 17: "gcc", 21: "each",
        25: "clang", 29: "clang-msan"}


def parse_options():
    parser = argparse.ArgumentParser(
        description="Takes random programs through gradcc and checks what "
        "becomes of them.")
    parser.add_argument("--seeds", type=int, default=200, metavar="COUNT",
                        help="how many programs (%(default)s)")
    parser.add_argument("--first", type=int, default=0, metavar="N",
                        help="the first one's seed (%(default)s)")
    parser.add_argument("--gradcc", metavar="PATH",
                        default=os.path.join(ROOT, "build", "tools",
                                             "gradcc"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count(),
                        metavar="J", help="how many run at the same time")
    parser.add_argument("--keep", default="random-findings", metavar="DIR",
                        help="where findings are written (%(default)s)")
    parser.add_argument("--configurations", default="fast", metavar="LIST",
                        help="of %s; or all; or fast: the first three, and "
                        "the others in turns (%%(default)s)" %
                        ", ".join(CONFIGURATIONS))
    parser.add_argument("--options", default="", metavar="LIST",
                        help="options for gradcc, separated by spaces")
    parser.add_argument("--second", action="store_true",
                        help="second derivatives and Jacobians, too")
    parser.add_argument("--vary", action="store_true",
                        help="leave some passes of the optimiser out, "
                        "others for each seed")
    parser.add_argument("--checkpoint", action="store_true",
                        help="mark loops and calls of each program "
                        "`checkpoint`, at random: the gradient must be that "
                        "of the program without marks, bit for bit")
    parser.add_argument("--batch", type=int, default=20, metavar="N",
                        help="programs that share a link (%(default)s)")
    parser.add_argument("--reduce", type=int, default=3, metavar="N",
                        help="how many findings, each of another kind, are "
                        "reduced (%(default)s)")
    parser.add_argument("--patience", type=int, default=300, metavar="S",
                        help="how long one reduction may take, in seconds "
                        "(%(default)s)")
    options = parser.parse_args()
    if options.configurations in ("all", "fast"):
        options.list = list(CONFIGURATIONS.values())
    else:
        options.list = [CONFIGURATIONS[name] for name in
                        options.configurations.split(",")]
    return options


def passes_of(gradcc):
    """The switches of the passes that can be left out: without dce there are
    unused variables, and without inline more is refused."""
    from toolchain import run
    names = run([gradcc, "--help=passes"], ".", 10, "gradcc").output.split()
    return ["no-" + name for name in names if name not in ("dce", "inline")]


def make_case(seed, options, passes):
    program = Program(seed, "f%d" % seed, options.second)
    source = marked(program) if options.checkpoint else program.source()
    twin = "p%d" % seed if options.checkpoint else None
    choice = random.Random(seed // options.batch)  # the batch has the same
    left_out = ["--" + p for p in passes if choice.random() < 0.3]
    return checker.Case(seed, source, harness(program, "f%d.c" % seed, twin),
                        left_out, options.checkpoint)


class Run:
    """The whole run: its counts, and the findings of each kind."""

    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.passes = passes_of(options.gradcc) if options.vary else []
        self.settings = checker.Settings(options.gradcc, options.list, folder,
                                         options.options.split())
        self.programs = self.checks = self.rough = self.watched = 0
        self.fired = collections.Counter()
        self.refusals = collections.Counter()
        self.examples = {}  # of each kind of refusal
        self.findings = collections.defaultdict(list)
        self.start = time.time()

    def batch(self, first):
        options = self.options
        last = min(first + options.batch, options.first + options.seeds)
        cases = [make_case(seed, options, self.passes)
                 for seed in range(first, last)]
        folder = os.path.join(self.folder, "batch-%d" % first)
        checker.check(cases, self.settings, self.configurations(first),
                      folder)
        if first // options.batch % 4 == 0:
            checker.watch_passes(cases, self.settings, folder)
        for case in cases:
            if case.finding:
                keep.write_case(case, self.settings, folder, options.keep)
        shutil.rmtree(folder)
        return cases

    def configurations(self, first):
        if self.options.configurations != "fast":
            return self.options.list
        slow = SLOW.get(first // self.options.batch % 32)
        return [CONFIGURATIONS[name]
                for name in FAST + ([slow] if slow else [])]

    def note(self, cases):
        for case in cases:
            self.programs += 1
            self.checks += case.checks
            self.rough += case.rough
            if case.fired is not None:
                self.watched += 1
                self.fired.update(case.fired)
            if case.refusal:
                first = next((line for line in case.refusal.split("\n")
                              if case.refuses(line)), "")
                kind = checker.normal(first)
                self.refusals[kind] += 1
                self.examples.setdefault(kind, case.seed)
            elif case.finding:
                self.findings[case.finding.summary()].append(case)

    def count_findings(self):
        return sum(len(cases) for cases in self.findings.values())

    def show_progress(self):
        text = "%d programs, %d findings, %d refused" % (
            self.programs, self.count_findings(), sum(self.refusals.values()))
        end = "\r" if sys.stderr.isatty() else "\n"
        print("%s, %.0f s" % (text, time.time() - self.start), end=end,
              file=sys.stderr, flush=True)

    def show_summary(self):
        for kind, count in self.refusals.most_common():
            print("refused: %5d  %s (seed %d)" % (count, kind,
                                                  self.examples[kind]))
        for kind, cases in sorted(self.findings.items(),
                                  key=lambda item: -len(item[1])):
            seeds = " ".join(str(c.seed) for c in cases[:8])
            print("finding: %5d  %s (seeds %s)" % (len(cases), kind, seeds))
        if self.watched:
            print("of %d programs, passes changed: %s" % (
                self.watched, ", ".join(
                    "%s %d" % (name, self.fired[name])
                    for name in checker.WATCHED)))
        print("%d checks, %d skipped where a program is not smooth" %
              (self.checks, self.rough))
        print("%d programs, %d findings, %d refused" % (
            self.programs, self.count_findings(),
            sum(self.refusals.values())))

    def reduce_some(self):
        """The first finding of each kind; the shortest programs first."""
        for cases in list(self.findings.values())[:self.options.reduce]:
            case = min(cases, key=lambda c: len(c.source))
            keep.reduce_case(case, self.settings, self.folder,
                             self.options.keep, self.options.patience)


def main():
    options = parse_options()
    options.gradcc = os.path.abspath(options.gradcc)
    if not os.access(options.gradcc, os.X_OK):
        sys.exit("there is no gradcc at " + options.gradcc)
    with tempfile.TemporaryDirectory(prefix="gradcc-random-") as folder:
        whole = Run(options, folder)
        starts = range(options.first, options.first + options.seeds,
                       options.batch)
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            tasks = [pool.submit(whole.batch, first) for first in starts]
            for task in concurrent.futures.as_completed(tasks):
                whole.note(task.result())
                whole.show_progress()
        whole.reduce_some()
        whole.show_summary()
    return 1 if whole.findings else 0


if __name__ == "__main__":
    sys.exit(main())
