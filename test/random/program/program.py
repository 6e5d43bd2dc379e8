"""program.py - a random program: what it may use, its source, and the
harness that lets the checks call what gradcc made of it."""
import random
import re

from . import complex_numbers, effects, kernels, parameters
from .callbacks import make_callbacks, used
from .expressions import bounded, constant, expr
from .helpers import make_helper
from .places import read_place
from .records import Record, add_pointers, make_record
from .scope import MOST, Body, Float, Int
from .statements import statement
from .views import make_views, picker
from .values import add, multiply

# Each program uses some of these only, with this probability, so that one
# that gradcc refuses does not hide the others.
FEATURES = {
    "ternary": 0.5, "helpers": 0.5, "casts": 0.3, "int_values": 0.5,
    "logic": 0.5, "data_int": 0.2, "strange": 0.3, "compound": 0.7,
    "ints": 0.5, "arrays": 0.8, "vla": 0.4, "matrix": 0.3, "structs": 0.4,
    "struct_arrays": 0.25, "branches": 0.8, "switch": 0.4, "break": 0.4,
    "continue": 0.4, "return": 0.4, "goto": 0.15, "increments": 0.3,
    "loops": 0.95, "while": 0.4, "do": 0.3, "bounds": 0.3, "heap": 0.3,
    "heap_in_loop": 0.4, "pointers": 0.4, "chosen": 0.3, "walk": 0.3,
    "swap": 0.25, "pointer_arrays": 0.2, "memcpy": 0.25, "in_place": 0.5,
    "size_t": 0.4, "array_params": 0.6, "out_params": 0.5,
    "recursion": 0.2, "overlap": 0.1, "gather": 0.2, "tables": 0.2,
    "pointer_fields": 0.5, "float": 0.35, "long double": 0.08,
    "effects": 0.25, "statement_expressions": 0.12, "bits": 0.25,
    "goto_back": 0.12, "flags": 0.15, "maximum": 0.2, "views": 0.25,
    "handed_out": 0.25, "literals": 0.2, "unions": 0.15, "alloca": 0.12,
    "aligned": 0.08, "realloc": 0.15, "callbacks": 0.15, "complex": 0.15,
    "array_recursion": 0.5, "vla_params": 0.4, "lanes": 0.4,
    "adjacent": 0.25, "steps": 0.3, "triangular": 0.2,
}


class Program:
    """The program of a seed. name: that of its differentiated function;
    second: it has second derivatives or a Jacobian, too."""

    def __init__(self, seed, name="f", second=False):
        self.second = second
        self.seed = seed
        self.name = name
        self.rng = rng = random.Random(seed)
        self.features = {f for f in FEATURES if rng.random() < FEATURES[f]}
        self.type = "float" if rng.random() < 0.12 else "double"
        self.types = [self.type] * 4
        for other in ("float", "long double"):
            if other in self.features:
                self.types.append(other)
        if self.type == "float" and rng.random() < 0.5:
            self.types.append("double")
        if second and rng.random() < 0.6:
            self.types = [self.type]
        self.scalar = second and rng.random() < 0.7
        self.helpers, self.callbacks, self.pickers = [], None, set()
        make_views(self)
        self.make_records()
        if "helpers" in self.features:
            for _ in range(rng.randint(1, 3)):
                make_helper(self)
        make_callbacks(self)
        self.choose_signature()
        self.modes = self.choose_modes() if self.second else []
        self.body = self.make_body()

    # ---- What it consists of ----

    def make_records(self):
        rng = self.rng
        self.records, self.local_records = [], []
        if not {"structs", "struct_arrays"} & self.features:
            return
        for number in range(rng.randint(1, 2)):
            record = make_record(self, number, self.local_records)
            self.local_records.append(record)
        self.records = list(self.local_records)
        if "pointer_fields" in self.features:
            record = make_record(self, len(self.records), [])
            add_pointers(self, record)
            self.records.append(record)

    def choose_signature(self):
        rng = self.rng
        self.parameters = parameters.choose(self, rng)
        for param in self.parameters:
            if param.kind == "record" and param.record.has_pointer:
                for field in param.record.fields:
                    field.constant = True
        must_return = not any(p.dependent for p in self.parameters)
        must_return |= "lanes" in self.features or self.scalar
        self.result = self.type if must_return or rng.random() < 0.5 else None
        self.of_return = self.result and (must_return or rng.random() < 0.8)

    def choose_modes(self):
        """hvp, hessian, jacobian: those that the signature allows."""
        rng, modes = self.rng, []
        listed = [p for p in self.parameters if p.has_derivative]
        plain = "complex" not in self.features and \
            self.type != "long double" and all(
                p.type == self.type and not
                (p.kind == "matrix" and p.dims[1].sized) for p in listed)
        # What is written must be listed, for it is run several times.
        if self.scalar:
            modes.append("hvp")
            if plain and rng.random() < 0.5:
                modes.append("hessian")
        if plain and (not self.scalar or rng.random() < 0.3):
            modes.append("jacobian")
        return modes

    def make_body(self):
        rng = self.rng
        body = Body(self, self.result, True)
        table = None
        for param in self.parameters:
            if param.role != "out":
                param.enter(body)
        if "tables" in self.features:
            table = self.make_table(body)
        self.table = table
        for param in self.parameters:
            if param.role == "out":
                self.write_output(body, param)
                param.enter(body)
        body.emit("%s s = %s;" % (self.type, rng.choice(["0", "0.5"])))
        body.floats.append(Float("s", self.type, accumulator=True))
        body.sink = body.floats[-1]
        body.statements = rng.choice([3, 6, 10, 15, 22])
        if self.of_return:
            body.own_totals = []
        kernels.start_with(body)
        while body.statements > 0:
            statement(body)
        self.end(body)
        return body

    def make_table(self, body):
        from .scope import Array, Cap
        cap = Cap(self.rng.randint(2, 5))
        items = [constant(body, -2, 2).text for _ in range(cap.base)]
        body.arrays.append(Array("table", self.type, [cap], False))
        return "static const %s table[%d] = {%s};\n" % (
            self.type, cap.base, ", ".join(items))

    def write_output(self, body, param):
        """An output is overwritten before anything else happens."""
        i = body.name("i")
        length = param.dims[0].text("n")
        most = MOST if param.dims[0].sized else param.dims[0].base
        head = "for (int %s = 0; %s < %s; %s++)" % (i, i, length, i)
        body.emit(head)
        with body.visible():
            body.ints.append(Int(i, 0, most - 1, param.dims[0].sized))
            body.emit("%s[%s] = %s;" % (param.name, i,
                                        bounded(body, expr(body, 1)).text), 1)

    def end(self, body):
        body.use_unread()
        value = None
        if self.result:
            value = self.final_value(body)
        for line in body.frees():
            body.emit(line)
        if self.result and value.text == "s":
            body.emit("return s;")
        elif self.result:
            body.emit("return %s;" % value.text)
        else:
            body.emit("(void)s;")

    def final_value(self, body):
        """Of everything a little. What is freed must be read before."""
        from .values import Value
        value = Value("s", -1, 1, self.type)
        for total in body.floats + (body.own_totals or []):
            if total.accumulator and total.text != "s":
                value = add(value, Value(total.text, -1, 1, total.type))
        for _ in range(self.rng.randint(0, 3)):
            found = read_place(body)
            if found:
                value = add(value, multiply(constant(body, 0.2, 1.2), found))
        if body.heap:
            body.emit("%s result = %s;" % (self.type, value.text))
            value = Value("result", -1, 1, self.type)
        return value

    # ---- Text ----

    def source(self):
        callbacks = used(self, self.body.lines)
        helpers = [h for h in self.helpers if self.is_called(h, callbacks)]
        lines = callbacks + [s for h in helpers for s in h.lines]
        records = [r for r in self.records + self.views
                   if self.is_used(r, lines)]
        unions = [u for u in self.unions if self.mentions(u.name, lines)]
        text = [self.includes(self.body.lines + lines)]
        text += [r.definition() + "\n" for r in records + unions]
        if self.table and self.mentions("table"):
            text.append(self.table + "\n")
        text += [picker(type) for type in sorted(self.pickers)
                 if self.mentions("pick_" + type.replace(" ", "_"), lines)]
        text += ["\n".join(h.lines) + "\n\n" for h in helpers]
        text += [line + "\n" for line in callbacks]
        text += [p + "\n" for p in self.pragmas()]
        text.append("%s %s(%s) {\n" % (
            self.result or "void", self.name, ", ".join(
                ["int n"] + [p.declaration() for p in self.parameters])))
        text += [line + "\n" for line in self.body_lines()]
        return "".join(text) + "}\n"

    def body_lines(self):
        lines = list(self.body.lines)
        if not any(re.search(r"\bn\b", line) for line in lines) and \
                not any("n" == p.dims[0].text("n") for p in self.parameters
                        if p.role in ("over", "work") and p.dims):
            lines.insert(0, "    (void)n;")
        return lines

    def includes(self, lines):
        text = ""
        for header, pattern in (
                ("alloca", r"\balloca\("), ("complex", r" complex "),
                ("math", ""), ("stddef", r"size_t"),
                ("stdlib", r"\b(?:[mc]|aligned_|re)alloc\("),
                ("string", r"\bmem(cpy|move|set)\(")):
            if any(re.search(pattern, line) for line in lines):
                text += "#include <%s.h>\n" % header
        return text + "\n"

    def mentions(self, name, extra=()):
        pattern = re.compile(r"\b%s\b" % re.escape(name))
        return any(pattern.search(line)
                   for line in list(self.body.lines) + list(extra))

    def is_called(self, helper, callbacks):
        later = self.helpers[self.helpers.index(helper) + 1:]
        return self.mentions(helper.name, callbacks) or any(
            self.is_called(other, callbacks) and
            any(helper.name + "(" in line for line in other.lines)
            for other in later)

    def is_used(self, record, lines):
        lines = list(lines) + [p.declaration() for p in self.parameters]
        if self.mentions(record.name, lines):
            return True
        return any(self.is_used(other, lines) for other in self.records
                   if other is not record and
                   any(f.record is record for f in other.fields))

    def pragmas(self):
        clauses = self.clauses()
        lines = ["#pragma grad" + clauses, "#pragma grad forward" + clauses]
        if self.rng.random() < 0.1:
            lines.reverse()
        lines += ["#pragma grad %s%s" % (mode, clauses if mode == "hvp" else
                                         self.clauses(sized=True))
                  for mode in self.modes]
        return lines

    def clauses(self, sized=False):
        """sized: with the lengths of all arrays."""
        active = [p.sized_item() if sized else p.item()
                  for p in self.parameters if p.active]
        of = [p.sized_item() if sized else p.name
              for p in self.parameters if p.dependent]
        work = [p.item() for p in self.parameters if p.role == "work"]
        text = ""
        plain = all(p.role in ("in", None) for p in self.parameters)
        if not plain or self.seed % 4 or sized:
            text += " wrt(%s)" % ", ".join(active)
        if of:
            if self.of_return:
                of.append("return")
            text += " of(%s)" % ", ".join(of)
        if work:
            text += " work(%s)" % ", ".join(work)
        return text


__all__ = ["Program", "Record", "complex_numbers", "effects", "kernels"]
