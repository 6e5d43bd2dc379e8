#!/usr/bin/env python3
"""What gradients cost: gradcc's, and ones written by hand.

    test/bench/run.py [--gradcc PATH] [--plot FILE.svg] [--growing] [PROBLEM ...]

Builds each problem of test/bench/problems with gcc and clang, at -O3
-march=native with and without -ffast-math, checks the gradients against one
another, runs all builds in turn, and prints a line for each row: the time of
the function as written, in its fastest build; the times of the generated
gradient and of the one by hand, each in its own fastest build, as multiples of
it; and the most memory that each takes beyond its arguments. Before them stands
the row's target, a multiple, too. Times are CPU time, medians. Not a test:
nothing here passes or fails but the check.

With --growing, runs instead the problems that have sizes which grow tenfold,
to show that the multiples stay what they are.

A problem's file may begin with `// primal: FILE ...`, which are the sources of
the function, the first of them annotated. Otherwise the function stands in the
problem's file itself, and the rest is under `#ifdef BENCH`, as it is compiled
then with the generated header in GENERATED_HEADER. `// options: ...` are for
gradcc, and `// targets: ...` are for the rows, one by one; 3 where none stands.
"""
import argparse
import glob
import os
import re
import shlex
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PLAIN = ["-O3", "-march=native"]
FAST = PLAIN + ["-ffast-math"]
BUILDS = [
    ("gcc", "gcc", PLAIN),
    ("gcc fast", "gcc", FAST),
    ("clang", "clang", PLAIN),
    ("clang fast", "clang", FAST + ["-fveclib=libmvec"]),
]


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(" ".join(command) + "\n" + done.stdout + done.stderr)
    return done.stdout


def clause(text, name):
    found = re.search(r"^// %s: (.*)$" % name, text, re.M)
    return found.group(1).split() if found else []


class Problem:
    def __init__(self, path, folder, arguments):
        self.path, self.folder = path, folder
        self.name = os.path.basename(path)[:-2]
        text = open(path).read()
        primal = clause(text, "primal")
        self.targets = [float(t) for t in clause(text, "targets")]
        self.sources = [
            os.path.normpath(os.path.join(HERE, "problems", p)) for p in primal
        ] or [path]
        self.include = ["-I", HERE, "-I", folder,
                        "-I", os.path.join(ROOT, "runtime", "include"),
                        "-I", os.path.dirname(self.sources[0])]
        self.grad = os.path.join(folder, self.name + "_grad.c")
        run([*shlex.split(arguments.gradcc), *clause(text, "options"),
             *arguments.option, *self.include[4:], self.sources[0], "-o", self.grad])

    def build(self, index, compiler, flags, runtime):
        """A shared object of all that is measured. Linked without the flags,
        for -ffast-math would change the driver's arithmetic."""
        header = '-DGENERATED_HEADER="%s_grad.h"' % self.name
        objects = []
        for source in dict.fromkeys([self.path, self.grad, *self.sources]):
            bench = [header, "-DBENCH"] if source == self.path else []
            objects.append(os.path.join(self.folder, "%s_%d_%d.o" % (
                self.name, index, len(objects))))
            run([compiler, "-std=gnu11", "-w",
                 "-Werror=implicit-function-declaration", "-fPIC", *flags,
                 *bench, *self.include, "-c", source, "-o", objects[-1]])
        result = os.path.join(self.folder, "%s_%d.so" % (self.name, index))
        run([compiler, "-shared", "-Wl,-Bsymbolic", *objects, *runtime, "-o",
             result, "-lm", "-lmvec"])
        return result


def build_runtime(folder):
    objects = []
    for source in sorted(glob.glob(os.path.join(ROOT, "runtime", "*.c"))):
        objects.append(os.path.join(
            folder, "runtime_%s.o" % os.path.basename(source)[:-2]))
        run(["gcc", "-std=c11", "-O3", "-fPIC", "-I",
             os.path.join(ROOT, "runtime", "include"), "-c", source, "-o",
             objects[-1]])
    return objects


def best(times, computation):
    """(seconds, build's name, bytes) of the fastest build."""
    return min((seconds, build, size)
               for build, what, seconds, size in times if what == computation)


def memory(size):
    return "%.3g" % (size / 2**20)


def measure(problem, driver, runtime, arguments):
    builds = []
    for index, (name, compiler, flags) in enumerate(arguments.builds):
        progress("%s: %s" % (problem.name, name))
        builds.append(problem.build(index, compiler, flags, runtime))
    progress("%s: running" % problem.name)
    process = subprocess.Popen(
        [driver, str(arguments.rounds), str(arguments.milliseconds),
         "fastest" if arguments.fastest else "median",
         "growing" if arguments.growing else "rows", *builds],
        stdout=subprocess.PIPE, text=True)
    rows = {}
    for line in process.stdout:
        row, build, what, seconds, size = line.rstrip("\n").split("\t")
        rows.setdefault(row, []).append(
            (arguments.builds[int(build)][0], what, float(seconds), int(size)))
        if len(rows[row]) == 3 * len(builds):
            report(row, rows[row], target(problem, len(rows) - 1, arguments))
    if process.wait():
        sys.exit("\n%s: failed" % problem.name)
    return rows


def target(problem, row, arguments):
    """What the row's multiple should not exceed, or None."""
    if arguments.growing:
        return None
    return problem.targets[row] if row < len(problem.targets) else 3


def progress(text):
    """On a line that the next one overwrites."""
    if sys.stderr.isatty():
        print("%-40s" % text, file=sys.stderr, end="\r", flush=True)


def report(row, times, wanted):
    f, f_build, _ = best(times, "primal")
    g, g_build, g_size = best(times, "generated")
    h, h_build, h_size = best(times, "by hand")
    print("%-26s %10.4g  %-10s %6s %7.2f  %-10s %7.2f  %-10s %8s %8s" % (
        row, 1e3 * f, f_build, "%g" % wanted if wanted else "", g / f, g_build,
        h / f, h_build, memory(g_size), memory(h_size)), flush=True)


def header():
    print("%-26s %10s  %-10s %6s %7s  %-10s %7s  %-10s %8s %8s" % (
        "problem", "primal ms", "", "target", "gradcc", "", "by hand", "",
        "MiB", "by hand"))


def bar(left, top, length, colour):
    return '<rect x="%.1f" y="%d" width="%.1f" height="11" fill="%s"/>' % (
        left, top, length, colour)


def figure(left, top, value):
    """Readable also where it stands on a target's mark."""
    return ('<text x="%.1f" y="%d" font-size="10" stroke="white" '
            'stroke-width="3" paint-order="stroke">%.2f</text>' % (
                left + 4, top + 9, value))


def plot(path, rows):
    """Horizontal bars of (name, gradcc, by hand, target or None): multiples,
    on a scale of square roots, for they differ much."""
    left, step = 220, 34
    scale = 560 / max(max(r[1:3]) for r in rows) ** 0.5
    width, height = left + 560 + 60, step * len(rows) + 50
    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" '
           'font-family="sans-serif" font-size="12">' % (width, height),
           '<rect width="100%" height="100%" fill="white"/>',
           '<text x="10" y="20">time of the gradient over time of the function'
           ' (blue: gradcc, grey: by hand, red: target)</text>']
    for i, (name, generated, by_hand, wanted) in enumerate(rows):
        y = 36 + i * step
        out.append('<text x="%d" y="%d" text-anchor="end">%s</text>' % (
            left - 8, y + 17, name))
        ends = [scale * value**0.5 for value in (generated, by_hand)]
        out.append(bar(left, y, ends[0], "#3366cc"))
        out.append(bar(left, y + 13, ends[1], "#999999"))
        if wanted:
            out.append('<rect x="%.1f" y="%d" width="2" height="28" '
                       'fill="#cc3333"/>' % (left + scale * wanted**0.5, y - 2))
        out.append(figure(left + ends[0], y, generated))
        out.append(figure(left + ends[1], y + 13, by_hand))
    out.append("</svg>")
    with open(path, "w") as file:
        file.write("\n".join(out) + "\n")


def find_gradcc():
    for preset in "release", "debug", "":
        path = os.path.join(ROOT, "build", preset, "tools", "gradcc")
        if os.path.exists(path):
            return path
    return "gradcc"


def all_problems(arguments):
    paths = sorted(glob.glob(os.path.join(HERE, "problems", "*.c")))
    return [os.path.basename(p)[:-2] for p in paths
            if not arguments.growing or "growing[]" in open(p).read()]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--gradcc", default=find_gradcc())
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--milliseconds", type=float, default=2,
                        help="CPU time of a round, at least")
    parser.add_argument("--fastest", action="store_true",
                        help="not the median of the rounds, but the fastest:"
                        "\nfor a machine that others use, too")
    parser.add_argument("--build", action="append", metavar="NAME",
                        help="of " + ", ".join(b[0] for b in BUILDS))
    parser.add_argument("--option", action="append", default=[],
                        help="for gradcc, as --option=--no-fuse")
    parser.add_argument("--plot", metavar="FILE.svg")
    parser.add_argument("--growing", action="store_true",
                        help="sizes that grow tenfold, not the rows")
    parser.add_argument("--keep", metavar="FOLDER",
                        help="where the builds go and stay")
    parser.add_argument("problems", nargs="*", metavar="PROBLEM")
    arguments = parser.parse_args()
    arguments.builds = [
        b for b in BUILDS if not arguments.build or b[0] in arguments.build
    ]
    folder = arguments.keep or tempfile.mkdtemp()
    os.makedirs(folder, exist_ok=True)
    driver = os.path.join(folder, "bench")
    run(["gcc", "-O2", "-rdynamic", os.path.join(HERE, "bench.c"), "-o", driver,
         "-lm", "-ldl"])
    runtime = build_runtime(folder)
    header()
    plotted = []
    for name in arguments.problems or all_problems(arguments):
        problem = Problem(os.path.join(HERE, "problems", name + ".c"), folder,
                          arguments)
        rows = measure(problem, driver, runtime, arguments)
        for index, (row, times) in enumerate(rows.items()):
            f = best(times, "primal")[0]
            plotted.append((row, best(times, "generated")[0] / f,
                            best(times, "by hand")[0] / f,
                            target(problem, index, arguments)))
    if arguments.plot:
        plot(arguments.plot, plotted)


main()
