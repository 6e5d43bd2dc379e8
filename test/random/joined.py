"""joined.py - many programs as one translation unit, which compilers take
much faster than one unit for each.

Every file stays what it is and is included; what has the same name in two of
them gets other names by macros: static functions, types, tables.
"""
import re

# Functions, tables and types, which are defined at a line's beginning.
DEFINED = re.compile(r"^(?!typedef\b)[A-Za-z_][\w ]*[ *](\w+)"
                     r"(?:\(|(?:\[[^]]*\])* =| \{)", re.M)
TYPEDEF = re.compile(r"^\} (\w+);|^typedef [^;{]*?\b(\w+)(?:\)\([^;]*)?;",
                     re.M)
# What every harness defines.
HARNESS = {"describe", "primal", "forward", "reverse", "stored", "hvp",
           "jacobian", "hessian"}


def local_names(text):
    found = set(DEFINED.findall(text))
    for names in TYPEDEF.findall(text):
        found.update(names)
    return found - {""}


def other_names(case, texts):
    """(name, other name) of what the case must not share with others."""
    names = set(HARNESS)
    for text in texts:
        names |= local_names(text)
    outer = re.compile(r"(?:%s)(?!\d)" % "|".join(case.names))
    return [(name, "%s_%s" % (name, case.name))
            for name in sorted(names) if not outer.match(name)]


def unit(cases, file_of, texts_of, wide=False):
    """The text of the unit. file_of(case): what it includes; texts_of(case):
    the texts that define its names; wide: the copies that compute in double.
    """
    lines = ['#include "wide.h"'] if wide else []
    for case in cases:
        renamed = other_names(case, texts_of(case))
        if wide:
            renamed += wide_names(case)
        lines += ["#define %s %s" % pair for pair in renamed]
        lines.append('#include "%s"' % file_of(case))
        lines += ["#undef %s" % name for name, _ in renamed]
    return "\n".join(lines) + "\n"


def wide_names(case):
    """The outer names of a program's second copy."""
    names = [name + end for name in case.names
             for end in ("", "_grad", "_fwd", "_hvp", "_jac", "_hess")]
    return [(name, name + "_wide") for name in names]
