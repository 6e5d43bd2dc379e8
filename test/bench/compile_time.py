#!/usr/bin/env python3
"""How long gradcc takes, and how that grows with what it reads.

    test/bench/compile_time.py [--gradcc PATH] [--longest N] [FILE.c ...]

Prints a line for each file, and for made-up ones of four shapes that become
longer: loops one after another, statements in one loop, statements without a
loop, and functions. In each line: lines in, lines out, bytes out over bytes in,
milliseconds of CPU time (the fastest of three), and microseconds a generated
line, which stays what it is where the time is linear. Not a test: nothing here
passes or fails.
"""
import argparse
import os
import resource
import subprocess
import sys
import tempfile

LOOP = """    for (int i = 0; i < n; i++) {{
        double a{0} = x[i] * s + {0}.5;
        s += sin(a{0}) * a{0};
        y[i] = y[i] * 0.5 + a{0};
        if (y[i] > {0})
            s -= y[i] * x[i];
    }}
"""
IN_LOOP = """        double a{0} = b * s + {0}.5;
        s += sin(a{0}) * x[i];
        b = a{0} > 1 ? b * 0.5 : a{0};
"""
STRAIGHT = """    double a{0} = x[{0} % 7] * s + {0}.5;
    s += sin(a{0}) * a{0};
    y[{0} % 5] = y[{0} % 5] * 0.5 + a{0};
"""
FUNCTION = """
#pragma grad wrt(x)
double f{0}(int n, const double *x) {{
    double s = 0;
    for (int i = 0; i < n; i++)
        s += sin(x[i] * s) + {0};
    return s;
}}
"""
HEAD = "#include <math.h>\n"
BEGIN = """
#pragma grad wrt(x) work(y[0:n])
double f(int n, const double *x, double *y) {
    double s = 0;
"""


def many(text, count):
    return "".join(text.format(k) for k in range(count))


def made_up(shape, count):
    """A source of the shape with so many repeated parts."""
    if shape == "functions":
        return HEAD + many(FUNCTION, count)
    if shape == "loops":
        body = many(LOOP, count)
    elif shape == "statements":
        body = many(STRAIGHT, count)
    else:
        body = ("    for (int i = 0; i < n; i++) {\n        double b = x[i];\n"
                + many(IN_LOOP, count) + "        y[i] += b;\n    }\n")
    return HEAD + BEGIN + body + "    return s;\n}\n"


def cpu_time(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(done.stderr)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def measure(gradcc, source, name):
    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, "out.c")
        best = min(cpu_time([gradcc, source, "-o", output]) for _ in range(3))
        lines_in = sum(1 for _ in open(source))
        lines_out = sum(1 for _ in open(output))
        bytes_in = os.path.getsize(source)
        bytes_out = os.path.getsize(output)
    print(f"{name:32} {lines_in:8} {lines_out:8} {bytes_out / bytes_in:8.2f}"
          f" {best * 1e3:9.1f} {best * 1e6 / lines_out:9.1f}", flush=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--gradcc", default="build/release/tools/gradcc")
    parser.add_argument("--longest", type=int, default=1000,
                        help="parts of the longest made-up source")
    parser.add_argument("files", nargs="*")
    arguments = parser.parse_args()
    print(f"{'':32} {'lines':>8} {'out':>8} {'out/in':>8} {'ms':>9}"
          f" {'us/line':>9}")
    for path in arguments.files:
        measure(arguments.gradcc, path, os.path.basename(path))
    with tempfile.TemporaryDirectory() as folder:
        for shape in "loops", "in one loop", "statements", "functions":
            for count in (1, 3, 10, 30, 100, 300, 1000, 3000, 10000):
                if count > arguments.longest:
                    break
                source = os.path.join(folder, "made_up.c")
                with open(source, "w") as file:
                    file.write(made_up(shape, count))
                measure(arguments.gradcc, source, f"{shape}: {count}")


if __name__ == "__main__":
    main()
