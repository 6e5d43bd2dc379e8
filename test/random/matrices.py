#!/usr/bin/env python3
"""matrices.py --gradcc PATH --seeds COUNT - Jacobians, Hessians and Hessian
times vector of random programs.

Of each program of generate.py whose variables are doubles in arrays: its
Jacobian, dense and sparse, must have the columns of forward mode; if it
returns a number alone, its Hessian, dense and sparse, must be symmetric and
give the same products as the mode hvp, and these must be differences of
gradients. A sparse matrix must have all entries that are not zero.

A mode that gradcc refuses with "not supported" is left out of the program, and
counted. Anything else is a finding: it is kept in the folder --keep. The exit
status is 1 if there is any.
"""
import argparse
import collections
import concurrent.futures
import os
import re
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import checker  # noqa: E402
from program import harness  # noqa: E402
from program.program import Program  # noqa: E402
from toolchain import INPUTS, ROOT, run, write  # noqa: E402

REFUSAL = re.compile(checker.REFUSAL.pattern + r"|carries? derivatives in "
                     r"several directions|is overwritten, but the function|"
                     r"sparse|length of '\w+' is needed|must be made inside|"
                     r"known where its tangents|in several directions is read|"
                     r"different floating types|belong to numbers and arrays|"
                     r"whose inner lengths vary")
FITTING = {"scalar", "array", "int", "index", "matrix"}
# name, annotation, whether it needs a function of one number
MODES = [("jac", "jacobian", False), ("sjac", "jacobian sparse", False),
         ("hvp", "hvp", True), ("hess", "hessian", True),
         ("shess", "hessian sparse", True)]


def section(param):
    if param.kind == "scalar":
        return param.name
    return param.name + "".join("[0:%s]" % d.text("n") for d in param.dims)


def fits(program):
    used = [p for p in program.parameters if p.kind != "index"]
    return not re.search(r"\bfloat\b", program.source()) and all(
        p.kind in FITTING and (p.type or "double") == "double" for p in used)


def is_scalar(program):
    return program.of_return and not any(p.dependent
                                         for p in program.parameters)


def pragma(program, name, mode):
    active = [section(p) for p in program.parameters if p.active]
    of = ["return"] if program.of_return else []
    of += [section(p) for p in program.parameters if p.dependent]
    work = [section(p) for p in program.parameters if p.role == "work"]
    text = "#pragma grad %s wrt(%s)" % (mode, ", ".join(active))
    if "jacobian" in mode:
        text += " of(%s)" % ", ".join(of)
    if work:
        text += " work(%s)" % ", ".join(work)
    return text + " name(%s_%s)" % (program.name, name)


# ---- The C text that calls what gradcc made ---------------------------------

SIGNATURES = {
    "jac": "const double *in, double *out, double *matrix",
    "sjac": "const double *in, double *out, GradSparse *matrix",
    "hvp": "const double *in, const double *v_in, double *out, double *d_in, "
           "double *h_in",
    "hess": "const double *in, double *out, double *d_in, double *matrix",
    "shess": "const double *in, double *out, double *d_in, "
             "GradSparse *matrix",
}
# What stands behind a variable, and whether it comes in and goes out.
DUALS = {"jac": [], "sjac": [], "hvp": ["v", "d", "h"], "hess": ["d"],
         "shess": ["d"]}


def caller(program, mode):
    """static void MODE(int n, ...), as harness.function makes others."""
    lines = ["static void run_%s(int n, %s) {" % (mode, SIGNATURES[mode]),
             "    int i = 0, o = %d;" % bool(program.result),
             "    (void)n, (void)in, (void)out, (void)i, (void)o;"]
    after = ["    i = 0, o = %d;" % bool(program.result)]
    arguments, frees = ["n"], []
    for param in program.parameters:
        names = [param.name]
        if param.active:
            names += ["%s_%s" % (d, param.name) for d in DUALS[mode]]
        for name in names:
            lines += ["    " + s for s in param.storage(name, name[1:2] == "_")]
            frees += ["    " + s for s in param.release(name)]
            is_sum = name[:2] in ("d_", "h_")
            arguments.append(param.derivative_argument(name, True) if is_sum
                             else param.argument(name))
        for at, count in [(a, c) for a, _, c in param.leaves(param.name)]:
            lines.append("    load_double(%s, %s, in + i);" % (at, count))
            for name in names[1:]:
                d_at = next(param.leaves(name))[0]
                lines.append("    load_double(%s, %s, %s_in + i);" % (
                    d_at, count, name[0]))
                if name[0] != "v":
                    after.append("    store_double(%s, %s, %s_in + i);" % (
                        d_at, count, name[0]))
            lines.append("    i += %s;" % count)
            after.append("    i += %s;" % count)
            if param.writable:
                after.append("    store_double(%s, %s, out + o); o += %s;" % (
                    at, count, count))
    if mode != "hvp":
        arguments.append("matrix")
    lines.append("    %s%s_%s(%s);" % ("out[0] = " if program.result else "",
                                       program.name, mode,
                                       ", ".join(arguments)))
    return lines + after + frees + ["}", ""]


def main_text(program, modes):
    name = program.name
    lines = ['#include "%s.c"' % name, "#define GRADCC_NO_TYPES",
             '#include "%s_grad.h"' % name, '#include "harness.h"',
             '#include "gradrt.h"', ""]
    lines += harness.describe(program)
    lines += harness.function(program, "primal",
                              "const double *in, double *out")
    lines += harness.function(program, "forward",
                              "const double *in, const double *t_in, "
                              "double *out, double *t_out")
    lines += harness.function(program, "reverse",
                              "const double *in, const double *weights, "
                              "double *out, double *d_in")
    for mode in modes:
        lines += ["#define HAS_%s 1" % mode.upper()] + caller(program, mode)
    return "\n".join(lines + ['#include "matrices.h"', ""])


# ---- One program ------------------------------------------------------------

class Case:
    def __init__(self, seed):
        self.seed = seed
        self.modes, self.refused = [], []
        self.finding, self.output, self.fits = None, "", False


def prepare(program, case, options, folder):
    """The modes that gradcc takes, with their output written."""
    wanted = [m for m in MODES if not m[2] or is_scalar(program)]
    plain = program.pragmas()

    def attempt(modes):
        program.pragmas = lambda: [pragma(program, n, m)
                                   for n, m, _ in modes] + plain
        write(folder, program.name + ".c", program.source())
        return run([options.gradcc, program.name + ".c"], folder, 30, "gradcc")

    if not attempt(wanted).succeeded:
        kept = []
        for mode in wanted:
            done = attempt([mode])
            if done.succeeded:
                kept.append(mode)
            elif done.status == 1 and REFUSAL.search(done.output):
                case.refused.append(mode[0])
            else:
                case.finding, case.output = "gradcc", done.output
                return []
        if kept and not attempt(kept).succeeded:
            case.finding = "gradcc, all modes"
            return []
        wanted = kept
    return [m[0] for m in wanted]


def check(seed, options, folder):
    case = Case(seed)
    program = Program(seed, "f%d" % seed)
    case.fits = fits(program)
    if not case.fits:
        return case
    folder = os.path.join(folder, str(seed))
    os.makedirs(folder)
    case.modes = prepare(program, case, options, folder)
    if case.modes and not case.finding:
        write(folder, "main.c", main_text(program, case.modes))
        sanitize = [] if options.plain else [
            "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
        done = run([options.compiler, "-std=c11", "-O1", "-w",
                    "-ffp-contract=off", "-fno-builtin"] + sanitize + [
                    "-I" + INPUTS, "-I" + os.path.join(ROOT, "runtime",
                                                       "include"),
                    "main.c", program.name + "_grad.c", options.runtime,
                    "-o", "main", "-lm"], folder, 60)
        if done.succeeded:
            done = run([os.path.join(folder, "main")], folder, 20, "program")
        if not done.succeeded:
            case.finding = "run"
        case.output = done.output
    if case.finding:
        write(folder, "output.txt", case.output)
        shutil.copytree(folder, os.path.join(options.keep, str(seed)),
                        dirs_exist_ok=True)
    shutil.rmtree(folder)
    return case


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gradcc", required=True)
    parser.add_argument("--runtime", required=True,
                        help="the runtime library to link with")
    parser.add_argument("--compiler", default="gcc")
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--plain", action="store_true",
                        help="without sanitizers")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", default="random-findings")
    options = parser.parse_args()
    options.gradcc = os.path.abspath(options.gradcc)
    options.runtime = os.path.abspath(options.runtime)
    checked, refused = collections.Counter(), collections.Counter()
    findings = programs = skipped = 0
    with tempfile.TemporaryDirectory(prefix="gradcc-matrices-") as folder, \
            concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for case in pool.map(lambda seed: check(seed, options, folder),
                             range(options.first,
                                   options.first + options.seeds)):
            programs += case.fits
            checked.update(case.modes)
            refused.update(case.refused)
            skipped += case.output.count("rough")
            if case.finding:
                findings += 1
                print("seed %d: %s: %s" % (case.seed, case.finding,
                                           case.output[:300]))
    for mode, _, _ in MODES:
        print("%s: %d, %d refused" % (mode, checked[mode], refused[mode]))
    print("%d programs, %d findings, %d skipped where one is not smooth" %
          (programs, findings, skipped))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
