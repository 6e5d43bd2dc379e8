#!/usr/bin/env python3
"""straight.py --seeds FIRST COUNT - prints random functions without loops of
unknown length, each with its Jacobian and its forward mode, and a main that
compares the two and the values. Branches, small loops and local arrays are
among them, and no function has a value that leaves a moderate range.
"""
import argparse
import random


class Function:
    """y[0:3] and the result from x[0:4] and p; a[0:3] is local."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.values = ["x[%d]" % i for i in range(4)] + ["p"]
        self.count = 0
        self.lines = ["double a[3] = {x[1], p, 0.5};"]
        for i in range(3):
            self.lines.append("y[%d] = %s;" % (i, self.expression(1)))
        self.values += ["a[%d]" % i for i in range(3)]
        self.values += ["y[%d]" % i for i in range(3)]
        for _ in range(self.random.randint(3, 9)):
            self.statement(2)
        self.lines.append("return %s;" % self.expression(2))

    def pick(self, *options):
        return self.random.choice(options)

    def expression(self, depth):
        if depth == 0 or self.random.random() < 0.15:
            return self.pick(self.random.choice(self.values),
                             self.random.choice(self.values),
                             "%d" % self.random.randint(-2, 3),
                             "%.2f" % self.random.uniform(-2, 2))
        one, two = self.expression(depth - 1), self.expression(depth - 1)
        return self.pick(
            "(%s + %s)" % (one, two), "(%s - %s)" % (one, two),
            "sin(%s) * %s" % (one, two), "(%s) * tanh(%s)" % (one, two),
            "(%s) / (1.5 + cos(%s))" % (one, two), "cos((%s) * %s)"
            % (one, two), "sqrt(1 + (%s) * (%s))" % (one, one),
            "log(2 + fabs(%s))" % one, "atan2(%s, 2 + sin(%s))" % (one, two),
            "fmax(%s, %s)" % (one, two), "fabs(%s)" % one, "-(%s)" % one,
            "(%s > %s ? sin(%s) : %s)" % (one, two, one, two),
            "exp(-(%s) * (%s))" % (one, one),
            "hypot(%s, %s)" % (one, two))

    def condition(self):
        return "%s %s %s" % (self.expression(1), self.pick("<", ">"),
                             self.expression(0))

    def target(self):
        return self.pick("a[0]", "a[1]", "a[2]", "y[0]", "y[1]", "y[2]")

    def statement(self, depth):
        kind = self.random.randint(0, 9)
        if kind < 3:
            self.count += 1
            self.lines.append("double v%d = %s;"
                              % (self.count, self.expression(2)))
            if depth == 2:
                self.values.append("v%d" % self.count)
        elif kind < 6:
            self.lines.append("%s = sin(%s);"
                              % (self.target(), self.expression(2)))
        elif kind == 6:
            self.lines.append("%s -= %s;" % (self.target(), self.pick(
                "x[0]", "p", "a[1]", "sin(y[2])")))
        elif kind == 7:
            self.lines.append(self.pick(
                "for (int i = 0; i < 3; i++) a[i] = sin(a[2 - i]) * x[i];",
                "for (int i = 2; i >= 0; i--) y[i] += a[i] * x[i + 1];",
                "for (int i = 0; i < 2; i++) for (int j = 0; j <= i; j++) "
                "a[i + 1] += y[j] * 0.25;",
                "memcpy(a, y, sizeof a);", "memset(a, 0, 2 * sizeof *a);"))
        elif depth == 2 and self.random.random() < 0.7:
            self.branch()

    def branch(self):
        self.lines.append("if (%s) {" % self.condition())
        self.statement(1)
        if self.random.random() < 0.2:
            self.lines.append("return %s;" % self.expression(1))
        if self.random.random() < 0.6:
            self.lines.append("} else {")
            self.statement(1)
        self.lines.append("}")

    def text(self, name):
        return "\n    ".join([
            "#pragma grad forward wrt(x, p) of(y, return)\n"
            "#pragma grad jacobian wrt(x[0:4], p) of(y[0:3], return)\n"
            "double %s(const double *x, double p, double *y)\n{" % name]
            + self.lines) + "\n}\n"


MAIN = """
#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

typedef double function(const double *, double, double *);
typedef double tangent(const double *, const double *, double, double, double *, double *, double *);
typedef double jacobian(const double *, double, double *, double *);

static void check(const char *name, function *f, tangent *fwd, jacobian *jac, const double *x)
{
    double y[3], again[3], j[20], column[4], value = f(x, x[4], y);
    int before = check_failures;
    CHECK_BITS(jac(x, x[4], again, j), value);
    for (int i = 0; i < 3; i++)
        CHECK_BITS(again[i], y[i]);
    for (int i = 0; i < 5; i++) {
        double v[5] = {i == 0, i == 1, i == 2, i == 3, i == 4};
        fwd(x, v, x[4], v[4], again, column, &column[3]);
        for (int r = 0; r < 4; r++)
            CHECK_NEAR(j[5 * r + i], column[r], 1e-11 * (1 + fabs(column[r])));
    }
    if (check_failures > before)
        printf("in %s\\n", name);
}

int main(void)
{
    struct rng rng = {1};
    double x[5];
    for (int i = 0; i < 20; i++) {
        rng_fill(&rng, 5, x, -1.5, 1.5);
CHECKS    }
    return check_done();
}
#endif
"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, nargs=2, required=True)
    first, count = parser.parse_args().seeds
    print("#include <math.h>\n#include <string.h>\n")
    names = ["f%d" % seed for seed in range(first, first + count)]
    for seed, name in enumerate(names, first):
        print(Function(seed).text(name))
    checks = "".join('        check("%s", %s, %s_fwd, %s_jac, x);\n'
                     % (n, n, n, n) for n in names)
    print(MAIN.replace("CHECKS", checks))


main()
