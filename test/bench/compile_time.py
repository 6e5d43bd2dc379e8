#!/usr/bin/env python3
"""How long gradcc takes, and how that grows with what it generates.

    test/bench/compile_time.py [--gradcc PATH] [FILE.c ...]

Prints a line for each file, and for made-up functions whose gradients have
about 100 to 10 000 lines: lines in, lines out, milliseconds (median of five),
microseconds a generated line. Not a test: nothing here passes or fails.
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

BLOCK = """    for (int i = 0; i < n; i++) {{
        double a{0} = x[i] * s + {0}.5;
        s += sin(a{0}) * a{0};
        y[i] = y[i] * 0.5 + a{0};
        if (y[i] > {0})
            s -= y[i] * x[i];
    }}
"""


def made_up(blocks):
    """A function of so many loops, one after another."""
    body = "".join(BLOCK.format(k) for k in range(blocks))
    return (
        "#include <math.h>\n\n#pragma grad wrt(x) work(y[0:n])\n"
        "double f(int n, const double *x, double *y)\n{\n    double s = 0;\n"
        + body + "    return s;\n}\n"
    )


def measure(gradcc, source, name, includes=()):
    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, "out.c")
        command = [gradcc, source, "-o", output, *includes]
        times = []
        for _ in range(5):
            start = time.perf_counter()
            done = subprocess.run(command, capture_output=True, text=True)
            times.append(time.perf_counter() - start)
            if done.returncode:
                sys.exit(done.stderr)
        lines_in = sum(1 for _ in open(source))
        lines_out = sum(1 for _ in open(output))
        bytes_in = os.path.getsize(source)
        bytes_out = os.path.getsize(output)
    best = statistics.median(times)
    print(f"{name:32} {lines_in:8} {lines_out:8} {bytes_out / bytes_in:8.2f}"
          f" {best * 1e3:9.1f} {best * 1e6 / lines_out:9.1f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gradcc", default="build/release/tools/gradcc")
    parser.add_argument("files", nargs="*")
    arguments = parser.parse_args()
    print(f"{'':32} {'lines':>8} {'out':>8} {'out/in':>8} {'ms':>9}"
          f" {'us/line':>9}")
    for path in arguments.files:
        measure(arguments.gradcc, path, os.path.basename(path))
    with tempfile.TemporaryDirectory() as folder:
        for blocks in (3, 10, 30, 100, 300, 600):
            source = os.path.join(folder, f"blocks{blocks}.c")
            with open(source, "w") as file:
                file.write(made_up(blocks))
            measure(arguments.gradcc, source, f"{blocks} loops")


if __name__ == "__main__":
    main()
