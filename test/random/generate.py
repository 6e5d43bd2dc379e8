#!/usr/bin/env python3
"""generate.py --seed N - prints a random, well-defined C program.

The program is one annotated function, f, with the static functions, types
and tables that it uses. It reads nothing that was not written, stays in the
bounds of its arrays, frees what it allocates, and its values stay small, so
that differences of them mean something. The same seed gives the same
program.

With --harness, prints the C text instead that lets the checks of harness.h
call the program and its derivatives.
"""
import argparse
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from program.harness import harness  # noqa: E402
from program.program import Program  # noqa: E402


def main():
    parser = argparse.ArgumentParser(
        description="Prints a random, well-defined C program.")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--name", default="f", help="its function's name")
    parser.add_argument("--harness", action="store_true",
                        help="print the text for the checks instead")
    parser.add_argument("--second", action="store_true",
                        help="with second derivatives or a Jacobian")
    options = parser.parse_args()
    program = Program(options.seed, options.name, options.second)
    if options.harness:
        print(harness(program, "%s.c" % options.name), end="")
    else:
        print(program.source(), end="")


if __name__ == "__main__":
    main()
