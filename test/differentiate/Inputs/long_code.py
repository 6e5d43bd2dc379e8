"""Writes C functions that are long, each in one way, and a test of them:
python long_code.py N [KIND ...]."""
import sys

KINDS = {}

FUNCTION = """
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double %s(int n, const double *x)
{
    double a = n > 0 ? x[0] : 0.5, b = n > 1 ? x[1] : 0.25;
    int k = (int)(a * %d);
    (void)k, (void)b;
%s}
"""

MAIN = """
#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
%s    return check_done();
}
#endif
"""


def kind(make):
    KINDS[make.__name__] = make
    return make


@kind
def returns(n):
    return "".join("    if (a < %d.0 / %d)\n        return a * a + %d * b;\n"
                   % (2 * i - n, n, i) for i in range(n)) + "    return b;\n"


@kind
def else_if(n):
    return "    double r = b;\n    " + "else ".join(
        "if (k == %d)\n        r = r * a + %d;\n    " % (i, i)
        for i in range(n)) + "else\n        r = sin(b);\n    return r * r;\n"


@kind
def else_if_returns(n):
    return "    " + "else ".join(
        "if (k == %d)\n        return a * b + %d;\n    " % (i, i)
        for i in range(n)) + "\n    return a;\n"


@kind
def choices(n):
    return "    return " + "".join(
        "k == %d ? a * %d + b\n        : " % (i, i)
        for i in range(n)) + "b * b;\n"


@kind
def cases(n):
    return ("    double r = a;\n    switch (k) {\n" + "".join(
        "    case %d:\n        r = r * b + %d;\n%s" %
        (i, i, "        // fall through\n" if i % 3 == 0 and i < n - 1
         else "        break;\n")
        for i in range(n)) + "    default:\n        r *= b;\n    }\n"
        "    return r;\n")


@kind
def terms(n):
    return "    return " + "\n        + ".join(
        "%d * a * b" % i for i in range(n)) + ";\n"


@kind
def conditions(n):
    return "    if (" + "\n        && ".join(
        "a < %d - b" % (i + 3) for i in range(n)) + \
        ")\n        return a * b;\n    return b;\n"


@kind
def commas(n):
    return "    double r = a;\n    " + ",\n    ".join(
        "r = r * 0.5 + b * %d" % i for i in range(n)) + ";\n    return r;\n"


@kind
def guarded(n):
    return "    double r = 1;\n    for (int i = 0; i < n; i++) {\n" + "".join(
        "        if (x[i] * r > 0.9999 - %d.0 / %d)\n"
        "            { r -= x[i] * %d.0 / %d; %s; }\n" %
        (i, n, i, n, ("break", "continue", "return r * a")[i % 3])
        for i in range(n)) + "        r += x[i];\n    }\n    return r;\n"


@kind
def statements(n):
    return "    double r = a;\n" + "".join(
        "    r = r * 0.5 + b * %d;\n" % i for i in range(n)) + \
        "    return r;\n"


def main():
    n = int(sys.argv[1])
    names = sys.argv[2:] or list(KINDS)
    print("#include <math.h>")
    for name in names:
        print(FUNCTION % (name, n, KINDS[name](n)), end="")
    print(MAIN % "".join(
        "    CHECK_STANDARD(%s, 0, 1);\n" % name for name in names), end="")


if __name__ == "__main__":
    main()
