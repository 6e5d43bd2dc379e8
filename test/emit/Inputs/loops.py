"""Writes IR of counted loops in every form, and C that runs them.

usage: loops.py FILE.ir FILE.c HEADER

Each function visits the indices of a loop and returns how many there are; its
twin runs the loop reversed. The C expects the loop of the language itself to
visit the same indices, and the twin the same, last first.
"""
import sys

TYPES = {"int": "int", "uint": "unsigned", "long": "long", "ulong": "size_t"}
COMPARES = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "ne": "!="}

FUNCTION = """
func @{name}(%begin: {type}, %end: {type}, %by: {type}, %out: ptr<{type}>)
    -> int derivative_of @primal {{
  %zero = const int 0
  %one = const int 1
  {step_line}
  %count = for %i: {type} = %begin, {compare} %end, step {step}
      carry (%n: int = %zero){reversed} {{
    %place = index %out, %n
    store %place, %i
    %next = add %n, %one
    yield %next
  }}
  return %count
}}
"""

CHECK = """
    for (int b = {low}; b < {high}; b++)
        for (int e = {low}; e < {high}; e++) {{
            {c} begin = b, end = e, got[64], back[64], by = ({c}){step};
            int n = 0, up, down;
            if ({skip})
                continue;
            for ({c} i = begin; i {symbol} end && n < 64; i += by)
                expected_{type}[n++] = i;
            if (n == 64)
                continue;
            up = {name}(begin, end, by, got);
            down = {name}_back(begin, end, by, back);
            wrong += up != n || down != n;
            for (int k = 0; k < n && up == n && down == n; k++)
                wrong += got[k] != expected_{type}[k] ||
                         back[n - 1 - k] != expected_{type}[k];
            runs++;
        }}
"""


def cases():
    for type_ in TYPES:
        for compare in COMPARES:
            steps = [1, 2, 3] if compare in ("lt", "le") else [-1, -2, -3]
            if compare == "ne":
                steps = [1, -1, 2, -2]
            for step in steps:
                for variable in (False, True):
                    yield type_, compare, step, variable


def write(ir, c):
    ir.write('module "loops.c"\nfunc @primal() -> int\n')
    for type_, compare, step, variable in cases():
        bits = {"uint": 32, "ulong": 64}.get(type_)
        number = step % (1 << bits) if bits else step
        name = "%s_%s_%s%d%s" % (
            type_, compare, "m" if step < 0 else "", abs(step),
            "_variable" if variable else "",
        )
        for suffix, reversed_ in (("", ""), ("_back", " reversed")):
            text = FUNCTION.format(
                name=name + suffix, type=type_, compare=compare,
                reversed=reversed_,
                step="%by" if variable else "%step",
                step_line="%%unused = const int 0" if variable
                else "%%step = const %s %d" % (type_, number),
            ).replace("%%", "%").replace(",\n", ", ").replace("\n    ->", " ->")
            ir.write(text.replace("\n      carry", " carry"))
        unsigned = type_.startswith("u")
        skip = "0"
        if compare == "ne":  # comes to end exactly, without wrapping round
            skip = "(e - b) %% %d || (e - b) / %d < 0" % (step, step)
        c.write(CHECK.format(
            c=TYPES[type_], type=type_, step=step, name=name, skip=skip,
            symbol=COMPARES[compare], low=0 if unsigned else -4,
            high=9 if unsigned else 6,
        ).replace("%%", "%"))


def main():
    ir_path, c_path, header = sys.argv[1:]
    with open(ir_path, "w") as ir, open(c_path, "w") as c:
        c.write('#include <stdio.h>\n#include "%s"\n' % header)
        for type_, name in TYPES.items():
            c.write("static %s expected_%s[64];\n" % (name, type_))
        c.write("int main(void) {\n    int wrong = 0, runs = 0;\n")
        write(ir, c)
        c.write('    printf("%d runs, %d wrong\\n", runs, wrong);\n')
        c.write("    return wrong != 0;\n}\n")


main()
