"""harness.py - the C text between a program and the checks of harness.h.

It gives every program the same form: vectors of numbers in, vectors out.
The inputs are the floating values of all parameters, in order; the outputs
are the return value, and then the values of what could be written.
"""


INPUT_KINDS = {
    "in": "HARNESS_ACTIVE", "over": "HARNESS_ACTIVE",
    "inout": "HARNESS_EXCHANGED", "out": "HARNESS_OVERWRITTEN",
    "work": "HARNESS_PASSIVE", "passive": "HARNESS_PASSIVE",
}


def harness(program, source, twin=None):
    """The text; source: the program's file as an #include finds it; twin:
    the name of the same program without marks, if its gradient is to be the
    same, bit for bit."""
    name = program.name
    lines = [
        '#include "%s"' % source,
        "#ifdef DERIVATIVES",
        "#define GRADCC_NO_TYPES",
        '#include "%s_grad.h"' % source[:-len(".c")],
    ] + (['#include "%s_grad.h"' % twin] if twin else []) + [
        "#endif",
        '#include "harness.h"',
        "",
    ]
    lines += describe(program)
    lines += function(program, "primal", "const double *in, double *out")
    lines += ["#ifdef DERIVATIVES"]
    lines += function(program, "forward",
                      "const double *in, const double *t_in, double *out, "
                      "double *t_out")
    lines += function(program, "reverse",
                      "const double *in, const double *weights, double *out, "
                      "double *d_in")
    if twin:
        lines += [s.replace("static void reverse(", "static void stored(")
                  .replace(name + "_grad(", twin + "_grad(")
                  for s in function(program, "reverse",
                                    "const double *in, const double *weights, "
                                    "double *out, double *d_in")]
    else:
        lines.append("#define stored NULL")
    lines += second(program)
    lines += ["#else"]
    lines += ["#define %s NULL" % mode for mode in MODES]
    lines += [
        "#endif",
        "const HarnessProgram PROGRAM(%s) = {" % name,
        '    "%d", describe, primal, %s};' % (program.seed,
                                             ", ".join(MODES)),
        "",
    ]
    return "\n".join(lines)


MODES = ["forward", "reverse", "stored", "hvp", "jacobian", "hessian"]


def second(program):
    """hvp, jacobian and hessian, or NULL in their places."""
    lines = []
    for mode, make in (("hvp", product), ("jacobian", matrix),
                       ("hessian", matrix)):
        if mode in program.modes:
            lines += make(program, mode)
        else:
            lines.append("#define %s NULL" % mode)
    return lines


def product(program, mode):
    """static void hvp(int n, in, v_in, out, d_in, h_in)"""
    lines = ["static void hvp(int n, const double *in, const double *v_in,",
             "                double *out, double *d_in, double *h_in) {",
             "    int i = 0, o = 1;"]
    loads, stores, frees, arguments = [], [], [], ["n"]
    for param in program.parameters:
        prefixes = [""] + (["v_", "d_", "h_"] if param.active else [])
        vectors = {"": "in", "v_": "v_in", "d_": "d_in", "h_": "h_in"}
        for prefix in prefixes:
            name = prefix + param.name
            lines += ["    " + text for text in param.storage(name, prefix)]
            frees += ["    " + text for text in param.release(name)]
            at = "i"
            for leaf, type, count in param.leaves(name):
                move = Move(type.replace("long double", "ldouble"), count)
                loads.append(move.load(leaf, vectors[prefix], at))
                if prefix in ("d_", "h_"):
                    stores.append(move.store(leaf, vectors[prefix], at))
                at += " + " + count
            arguments.append(
                param.argument(name) if not prefix else
                param.derivative_argument(name, prefix != "v_"))
        # What could be written comes after the result.
        o = "o"
        for leaf, type, count in param.leaves(param.name):
            move = Move(type.replace("long double", "ldouble"), count)
            if param.writable:
                stores.append(move.store(leaf, "out", o))
                o += " + " + count
        counts = " + ".join(c for _, _, c in param.leaves(param.name)) or "0"
        loads.append("    i += %s;" % counts)
        stores.append("    i += %s;" % counts)
        if param.writable:
            stores.append("    o += %s;" % counts)
    return lines + loads + [
        "    out[0] = (double)%s_hvp(%s);" % (program.name,
                                              ", ".join(arguments)),
        "    i = 0;"] + stores + frees + [
        "    (void)i, (void)o, (void)v_in, (void)in;", "}", ""]


def matrix(program, mode):
    """static void jacobian/hessian(int n, in, out, [d_in,] rows, columns, m)
    """
    hessian = mode == "hessian"
    lines = ["static void %s(int n, const double *in, double *out," % mode,
             "        %sint rows, int columns, double *m_) {" %
             ("double *d_in, " if hessian else ""),
             "    int i = 0, o = %d;" % bool(program.result),
             "    %s *mat_ = harness_new(rows * columns, sizeof *mat_);" %
             program.type]
    loads, stores, frees, arguments = [], [], [], ["n"]
    for param in program.parameters:
        lines += ["    " + s for s in param.storage(param.name, False)]
        frees += ["    " + s for s in param.release(param.name)]
        arguments.append(param.argument(param.name))
        derived = hessian and param.active
        if derived:
            d_name = "d_" + param.name
            lines += ["    " + s for s in param.storage(d_name, True)]
            frees += ["    " + s for s in param.release(d_name)]
            arguments.append(param.derivative_argument(d_name, True))
        leaves = zip(param.leaves(param.name), param.leaves("d_" + param.name))
        for (at, type, count), (d_at, _, _) in leaves:
            move = Move(type.replace("long double", "ldouble"), count)
            loads.append(move.load(at, "in", "i"))
            if derived:
                loads.append(move.load(d_at, "d_in", "i"))
                stores.append(move.store(d_at, "d_in", "i"))
            if param.writable:
                stores.append(move.store(at, "out", "o"))
            loads += move.advance(None)
            stores += move.advance(param)
    text = "%s_%s(%s, mat_);" % (program.name, mode[:3] if not hessian else
                                 "hess", ", ".join(arguments))
    if program.result:
        text = "out[0] = (double)" + text
    type = program.type.replace("long double", "ldouble")
    return lines + loads + ["    " + text, "    i = 0;"] + stores + [
        "    store_%s(mat_, rows * columns, m_);" % type,
        "    free(mat_);"] + frees + [
        "    (void)i, (void)o, (void)in, (void)out;", "}", ""]


def describe(program):
    """What each input and output is."""
    lines = ["static void describe(int n, HarnessShape *shape) {",
             "    (void)n;"]
    if program.result:
        lines.append("    harness_output(shape, 1, %s);" % (
            "HARNESS_RESULT" if program.of_return else "HARNESS_PLAIN"))
    for param in program.parameters:
        for _, _, count in param.leaves(param.name):
            kind = INPUT_KINDS[param.role]
            lines.append("    harness_input(shape, %s, %s);" % (count, kind))
            if param.writable:
                kind = "HARNESS_DEPENDENT" if param.dependent else \
                    "HARNESS_PLAIN"
                lines.append("    harness_output(shape, %s, %s);" % (count,
                                                                     kind))
    return lines + ["}", ""]


def function(program, mode, signature):
    """static void primal/forward/reverse(int n, ...)"""
    first = "1" if program.result else "0"
    before = ["static void %s(int n, %s) {" % (mode, signature),
              "    int i = 0, o = %s;" % first]
    loads, stores, frees = [], [], []
    for param in program.parameters:
        d_name = "d_" + param.name
        derived = mode != "primal" and param.has_derivative
        before += ["    " + line for line in param.storage(param.name, False)]
        frees += ["    " + line for line in param.release(param.name)]
        if derived:
            before += ["    " + s for s in param.storage(d_name, True)]
            frees += ["    " + line for line in param.release(d_name)]
        leaves = list(zip(param.leaves(param.name), param.leaves(d_name)))
        for (at, type, count), (d_at, _, _) in leaves:
            move = Move(type.replace("long double", "ldouble"), count)
            loads += move.loads(mode, param, at, d_at, derived)
            stores += move.stores(mode, param, at, d_at, derived)
    middle = [call(program, mode)]
    reset = ["    i = 0, o = %s;" % first]
    unused = ["n", "in", "out", "i", "o"] + {
        "primal": [], "forward": ["t_in", "t_out"],
        "reverse": ["weights", "d_in"]}[mode]
    last = "    %s;" % ", ".join("(void)" + name for name in unused)
    return before + loads + middle + reset + stores + frees + [last, "}", ""]


class Move:
    """Statements that move a leaf of a parameter from and to the vectors."""

    def __init__(self, type, count):
        self.type = type
        self.count = count

    def load(self, at, source, offset):
        return "    load_%s(%s, %s, %s + %s);" % (self.type, at, self.count,
                                                  source, offset)

    def store(self, at, target, offset):
        return "    store_%s(%s, %s, %s + %s);" % (self.type, at, self.count,
                                                   target, offset)

    def advance(self, param):
        yield "    i += %s;" % self.count
        if param and param.writable:
            yield "    o += %s;" % self.count

    def loads(self, mode, param, at, d_at, derived):
        yield self.load(at, "in", "i")
        if derived and mode == "forward":
            yield self.load(d_at, "t_in", "i")
        elif derived and param.dependent:
            yield self.load(d_at, "weights", "o")
        elif derived:
            yield self.load(d_at, "d_in", "i")
        yield from self.advance(param)

    def stores(self, mode, param, at, d_at, derived):
        if param.writable:
            yield self.store(at, "out", "o")
        if derived and mode == "reverse":
            yield self.store(d_at, "d_in", "i")
        elif derived and param.dependent:
            yield self.store(d_at, "t_out", "o")
        yield from self.advance(param)


def call(program, mode):
    name = program.name + {"primal": "", "forward": "_fwd",
                           "reverse": "_grad"}[mode]
    arguments = ["n"]
    for param in program.parameters:
        arguments.append(param.argument(param.name))
        if mode != "primal" and param.has_derivative:
            arguments.append(param.derivative_argument("d_" + param.name,
                                                       mode == "reverse"))
    before, after = "", ""
    if mode == "forward" and program.of_return:
        arguments.append("&d_return")
        before = "    %s d_return = NAN;\n" % program.result
        after = "\n    t_out[0] = (double)d_return;"
    text = "%s(%s);" % (name, ", ".join(arguments))
    if program.result:
        text = "out[0] = (double)" + text
    return before + "    " + text + after
