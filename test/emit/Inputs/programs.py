"""Random C functions without undefined behaviour, and a main() that compares
each with its twin, bit for bit.

usage: programs.py FIRST COUNT FILE.c MAIN.c

The functions are f_0, f_1, ...; the twins g_0, g_1, ... come from elsewhere.
They use every construct whose values share variables in the emitted C: loops
of each kind with break and continue, branches, swaps, conversions, memory.
"""
import random
import sys

HEAD = """#include <math.h>
#include <stddef.h>
"""
SIGNATURE = (
    "double %s(int n, double u, double w, const double *x, double *y,\n"
    "           const int *k)"
)
INTEGERS = [
    "char", "signed char", "unsigned char", "short", "unsigned short", "int",
    "unsigned", "long", "unsigned long",
]
MAIN = """
#include <stdio.h>
#include <string.h>
#define COUNT %d
typedef double Fn(int, double, double, const double *, double *, const int *);
%s
static Fn *const fs[] = {%s}, *const gs[] = {%s};
static unsigned seed = 1;
static double number(void) {
    seed = seed * 1103515245u + 12345;
    return ((int)(seed >> 16) %% 2000 - 1000) / 500.0;
}
static int differ(double a, double b) {
    return (a == a || b == b) && memcmp(&a, &b, sizeof a) != 0;
}
int main(void) {
    int wrong = 0;
    for (int run = 0; run < 25 * COUNT; run++) {
        double x[8], y[8], z[8];
        int k[8], which = run / 25, different;
        for (int i = 0; i < 8; i++) {
            x[i] = number();
            y[i] = z[i] = number();
            k[i] = (int)(number() * 3);
        }
        different = differ(fs[which](run %% 6, x[0], x[1], x, y, k),
                           gs[which](run %% 6, x[0], x[1], x, z, k));
        for (int i = 0; i < 8; i++)
            different |= differ(y[i], z[i]);
        if (different)
            printf("f_%%d differs in run %%d\\n", %d + which, run %% 25);
        wrong |= different;
    }
    return wrong;
}
"""


class Scope:
    """The variables that an expression may mention."""

    def __init__(self, outer=None):
        self.doubles = list(outer.doubles) if outer else ["u", "w"]
        self.floats = list(outer.floats) if outer else []
        self.integers = list(outer.integers) if outer else ["q"]
        self.counters = list(outer.counters) if outer else ["n"]
        self.loop = outer.loop if outer else None


class Writer:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.count = 0

    def name(self, prefix):
        self.count += 1
        return "%s%d" % (prefix, self.count)

    def pick(self, *choices):
        return self.random.choice(choices)

    # ---- Expressions --------------------------------------------------------

    def index(self, s):
        if self.random.random() < 0.4:
            return str(self.random.randrange(8))
        return "(%s) & 7" % self.integer(s, 1)

    def floating_leaf(self, s):
        kind = self.random.random()
        if kind < 0.6:
            return self.pick(*s.doubles)
        if kind < 0.8 or not s.floats:
            return "x[%s]" % self.index(s)
        if kind < 0.9:
            return self.pick(*s.floats)
        return self.pick("0.5", "1", "-1.25", "1e-3", "3", "0.1f", ".75")

    def floating(self, s, depth):
        if depth <= 0 or self.random.random() < 0.25:
            return self.floating_leaf(s)
        a, b = self.floating(s, depth - 1), self.floating(s, depth - 1)
        return self.pick(
            "(%s + %s)" % (a, b), "(%s - %s)" % (a, b), "(%s * %s)" % (a, b),
            "(%s + %s)" % (a, b), "(%s * %s)" % (a, b),
            "(%s / (1.5 + fabs(%s)))" % (a, b), "-(%s)" % a,
            "sin(%s)" % a, "tanh(%s)" % a, "sqrt(fabs(%s))" % a,
            "floor(%s)" % a, "(float)(%s)" % a,
            "(int)fmod(%s, 1000)" % a,
            "(double)(%s)" % self.integer(s, depth - 1),
            "(%s ? %s : %s)" % (self.condition(s, depth - 1), a, b),
        )

    def integer_leaf(self, s):
        kind = self.random.random()
        if kind < 0.5:
            return self.pick(*s.integers)
        if kind < 0.75:
            return self.pick(*s.counters)
        if kind < 0.85:
            return "k[%d]" % self.random.randrange(8)
        return self.pick("0", "1", "2", "-1", "7", "100", "3u", "5L", "-3")

    def integer(self, s, depth):
        if depth <= 0 or self.random.random() < 0.3:
            return self.integer_leaf(s)
        a, b = self.integer(s, depth - 1), self.integer(s, depth - 1)
        return self.pick(
            "((unsigned long)(%s) + (%s))" % (a, b),
            "((unsigned long)(%s) - (%s))" % (a, b),
            "((unsigned long)(%s) * (%s))" % (a, b),
            "((unsigned long)(%s) ^ (%s))" % (a, b),
            "((%s)(%s))" % (self.pick(*INTEGERS), a),
            "((%s) %% 13)" % a, "((%s) >> 2)" % a,
            "(%s ? %s : %s)" % (self.condition(s, depth - 1), a, b),
        )

    def condition(self, s, depth):
        compare = self.pick("<", "<=", ">", ">=", "==", "!=")
        if depth <= 0 or self.random.random() < 0.4:
            return "%s %s %s" % (
                self.floating(s, depth - 1), compare,
                self.floating(s, depth - 1))
        a, b = self.condition(s, depth - 1), self.condition(s, depth - 1)
        return self.pick(
            "(%s && %s)" % (a, b), "(%s || %s)" % (a, b), "!(%s)" % a,
            "(long)(%s) %s (long)(%s)" % (
                self.integer_leaf(s), compare, self.integer_leaf(s)))

    # ---- Statements ---------------------------------------------------------

    def block(self, outer, depth, count):
        scope, lines = Scope(outer), []
        for _ in range(count):
            lines += self.statement(scope, depth)
        return ["    " + line for line in lines]

    def declaration(self, s):
        kind = self.random.random()
        if kind < 0.6:
            name = self.name("a")
            line = "double %s = %s;" % (name, self.floating(s, 3))
            s.doubles.append(name)
        elif kind < 0.9:
            name = self.name("m")
            line = "%s %s = %s;" % (
                self.pick(*INTEGERS), name, self.integer(s, 2))
            s.integers.append(name)
        else:
            name = self.name("f")
            line = "float %s = %s;" % (name, self.floating(s, 2))
            s.floats.append(name)
        return [line]

    def swap(self, s):
        if len(s.doubles) < 2:
            return self.declaration(s)
        a, b = self.random.sample(s.doubles, 2)
        kept = self.name("s")
        return ["double %s = %s;" % (kept, a), "%s = %s;" % (a, b),
                "%s = %s;" % (b, kept)]

    def exponent(self, s):
        name = self.name("e")
        line = "%s = frexp(fmod(%s, 1e3), &%s);" % (
            self.pick(*s.doubles), self.floating(s, 1), name)
        s.integers.append(name)
        return ["int %s;" % name, line]

    def assignment(self, s):
        sign = self.pick("=", "+=", "-=", "*=")
        value = self.floating(s, 3)
        targets = s.doubles + s.floats + ["y[%s]" % self.index(s)] * 3
        kind = self.random.random()
        if kind < 0.15:
            return ["%s %s %s;" % (self.pick(*s.integers),
                                   self.pick("=", "^=", "|="),
                                   self.integer(s, 2))]
        if kind < 0.25:
            return ["h[%s] = %s;" % (self.index(s), value)]
        if kind < 0.35:
            return ["%s += h[%s] + y[%s];" % (
                self.pick(*s.doubles), self.index(s), self.index(s))]
        return ["%s %s %s;" % (self.pick(*targets), sign, value)]

    def branch(self, s, depth):
        lines = ["if (%s) {" % self.condition(s, 2)]
        lines += self.block(s, depth - 1, self.random.randrange(1, 4))
        if s.loop and self.random.random() < 0.25:
            jump = "continue" if s.loop == "for" else "break"
            lines.append("    %s;" % self.pick("break", jump))
        if self.random.random() < 0.5:
            lines.append("} else {")
            lines += self.block(s, depth - 1, self.random.randrange(1, 3))
        return lines + ["}"]

    def loop(self, s, depth):
        name, inner = self.name("i"), Scope(s)
        inner.counters.append(name)
        bound = self.pick("n", "3", "n + 1", "5")
        count = self.random.randrange(1, 5)
        kind = self.random.random()
        if kind < 0.6:
            inner.loop = "for"
            type_ = self.pick("int", "int", "unsigned", "long", "size_t")
            head = "for (%s %s = 0; %s < (%s)(%s); %s%s) {" % (
                type_, name, name, type_, bound, name, self.pick("++", " += 2"))
            if type_ in ("int", "long") and self.random.random() < 0.3:
                head = "for (%s %s = %s; %s >= 0; %s--) {" % (
                    type_, name, bound, name, name)
            return [head] + self.block(inner, depth - 1, count) + ["}"]
        inner.loop = "while"
        body = ["    %s++;" % name] + self.block(inner, depth - 1, count)
        test = "%s < %s && %s" % (name, bound, self.condition(inner, 1))
        if kind < 0.8:
            lines = ["while (%s) {" % test] + body + ["}"]
        else:
            lines = ["do {"] + body + ["} while (%s);" % test]
        return ["int %s = 0;" % name] + lines

    def statement(self, s, depth):
        kind = self.random.random()
        if kind < 0.18:
            return self.declaration(s)
        if kind < 0.50 or depth <= 0:
            return self.assignment(s)
        if kind < 0.53:
            return self.swap(s)
        if kind < 0.56:
            return self.exponent(s)
        return self.branch(s, depth) if kind < 0.74 else self.loop(s, depth)

    def function(self, name):
        lines = ["double h[8];", "long q = n;",
                 "for (int i = 0; i < 8; i++)", "    h[i] = i * 0.5;"]
        scope = Scope()
        body = ["    " + line for line in lines]
        body += self.block(scope, 3, self.random.randrange(5, 12))
        body.append("    return %s;" % self.floating(scope, 2))
        return "#pragma grad wrt(x)\n%s\n{\n%s\n}\n" % (
            SIGNATURE % name, "\n".join(body))


def main():
    first, count = int(sys.argv[1]), int(sys.argv[2])
    with open(sys.argv[3], "w") as c:
        c.write(HEAD)
        for i in range(count):
            c.write("\n" + Writer(first + i).function("f_%d" % i))
    names = ["%s_%d" % (letter, i) for letter in "fg" for i in range(count)]
    with open(sys.argv[4], "w") as c:
        c.write(MAIN % (count, "Fn %s;" % ", ".join(names),
                        ", ".join(names[:count]), ", ".join(names[count:]),
                        first))


main()
