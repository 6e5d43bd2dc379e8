#!/usr/bin/env python3
"""broken.py - a gradcc that does something wrong, to see it found.

BROKEN_GRADCC names the real one, BROKEN_KIND what goes wrong: with every fifth
program, or with every output that the wrong can be done to.
"""
import os
import re
import signal
import subprocess
import sys


def main():
    kind = os.environ["BROKEN_KIND"]
    names = [a[:-2] for a in sys.argv[1:] if re.fullmatch(r"f\d+\.c", a)]
    done = subprocess.run([os.environ["BROKEN_GRADCC"]] + sys.argv[1:])
    if done.returncode != 0:
        return done.returncode
    if kind in CHANGES:
        for name in names:
            change(name, *CHANGES[kind])
        return 0
    for name in names:
        if int(name[1:]) % 5 == 0:
            return go_wrong(kind, name, names)
    return 0


def go_wrong(kind, name, names):
    """With the program of this name, and so with the whole call."""
    if kind == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if kind in ("refusal", "silence"):
        for other in names:
            os.remove(other + "_grad.c")
    if kind == "silence":
        return 0
    print("%s.c:3:1: error: this is %s" % (
        name, "not supported" if kind == "refusal" else "wrong"))
    return 1


# Where in the output, a pattern, and what is put in its place.
CHANGES = {
    "gradient": ("_grad(", r"(\bd_x\[\w+\]) \+= ", r"\1 += 1.001 * "),
    "tangent": ("_fwd(", r"\*d_return = ", "*d_return = 1e-3 + "),
    "result": ("_fwd(", r"\n    return (?=[^;]*;\n\})", "\n    return 1e-9 + "),
    "bounds": ("_grad(", r"(double \*(?:restrict )?d_x[,)][^{]*)\{\n",
                "\\1{\n    d_x[n] = 0.0;\n"),
    "leak": ("_grad(", r" \{\n",
             " {\n    extern void *malloc(unsigned long);\n"
             "    char *volatile lost = malloc(7);\n    *lost = 1;\n"),
    "warning": ("_grad(", r" \{\n", " {\n    int never;\n"),
}


def change(name, place, pattern, replacement):
    with open(name + "_grad.c") as file:
        text = file.read()
    start = text.find(name + place)
    if start >= 0:
        text = text[:start] + re.sub(pattern, replacement, text[start:], 1)
    with open(name + "_grad.c", "w") as file:
        file.write(text)


if __name__ == "__main__":
    sys.exit(main())
