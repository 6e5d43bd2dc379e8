"""parameters.py - the parameters of the differentiated function: how it
declares them, and how the harness makes them from a flat vector of numbers.

A parameter's role says what the annotation says about it:

  in       wrt only; read only
  inout    wrt and of
  over     wrt with a section, and overwritten
  out      of only; overwritten as a whole
  work     a work buffer
  passive  floating values in neither list; read only
"""
from .records import nested
from .scope import MOST, Array, Cap, Float, Int, Struct


class Parameter:
    """kind: scalar, array, matrix, record (by value), pointer (to a record),
    int, index (an array of ints below n)."""

    def __init__(self, kind, name, role, type=None, dims=(), record=None):
        self.kind = kind
        self.name = name
        self.role = role
        self.type = type
        self.dims = dims
        self.record = record

    @property
    def active(self):
        return self.role in ("in", "inout", "over")

    @property
    def dependent(self):
        return self.role in ("inout", "out")

    @property
    def has_derivative(self):
        return self.active or self.dependent

    @property
    def writable(self):
        """What it points to may be written."""
        return self.role in ("inout", "over", "out", "work") and \
            self.kind in ("array", "matrix", "pointer")

    # ---- In the program ----

    def declaration(self):
        const = "" if self.writable else "const "
        if self.kind == "scalar":
            return "%s %s" % (self.type, self.name)
        if self.kind == "array":
            if self.dims[0].sized:
                return "%s%s *%s" % (const, self.type, self.name)
            return "%s%s %s[%d]" % (const, self.type, self.name,
                                    self.dims[0].base)
        if self.kind == "matrix":
            return "%s%s %s[][%s]" % (const, self.type, self.name,
                                      self.dims[1].text("n"))
        if self.kind == "record":
            return "%s %s" % (self.record.name, self.name)
        if self.kind == "pointer":
            return "%s%s *%s" % (const, self.record.name, self.name)
        return "int %s" % self.name if self.kind == "int" else \
            "const int *%s" % self.name

    def item(self):
        """How wrt, of and work name it."""
        if self.role in ("over", "work"):
            return self.name + "".join("[0:%s]" % d.text("n")
                                       for d in self.dims)
        return self.name

    def sized_item(self):
        """With the length of an array."""
        if self.kind in ("array", "matrix"):
            return "%s[0:%s]" % (self.name, self.dims[0].text("n"))
        return self.name

    def enter(self, body):
        """Makes it visible in the function's body."""
        from .statements import add_int_fields
        if self.kind == "scalar":
            body.floats.append(Float(self.name, self.type))
        elif self.kind in ("array", "matrix"):
            body.arrays.append(Array(self.name, self.type, list(self.dims),
                                     self.writable))
        elif self.kind in ("record", "pointer"):
            struct = Struct(self.name, self.record,
                            self.kind == "record" or self.writable,
                            self.kind == "pointer")
            body.structs += list(nested(body, struct))
            add_int_fields(body, struct)
        elif self.kind == "int":
            body.ints.append(Int(self.name, 0, 7, mutable=True))
        else:
            body.arrays.append(Array(self.name, "int", [Cap(0, True)], False))

    # ---- In the harness ----

    def storage(self, name, derivative):
        """Statements that declare an argument's storage as `name`."""
        if self.kind == "scalar":
            yield "%s %s;" % (self.type, name)
        elif self.kind == "array":
            yield "%s *%s = harness_new(%s, sizeof *%s);" % (
                self.type, name, self.dims[0].text("n"), name)
        elif self.kind == "matrix":
            yield "%s(*%s)[%s] = harness_new(%s, sizeof *%s);" % (
                self.type, name, self.dims[1].text("n"),
                self.dims[0].text("n"), name)
        elif self.kind in ("record", "pointer"):
            yield "%s %s;" % (self.record.name, name)
            # The fields that hold no floating values are never read.
            yield "memset(&%s, %s, sizeof %s);" % (
                name, "0x55" if derivative else "0", name)
            yield from self.fields(self.record, name, name, derivative)
        elif self.kind == "int":
            yield "int %s = (n * 5 + 3) %% 8;" % name
        else:
            yield "int *%s = harness_new(n, sizeof *%s);" % (name, name)
            yield "for (int i_ = 0; i_ < n; i_++)"
            yield "    %s[i_] = (i_ * 5 + 3) %% n;" % name

    def fields(self, record, path, flat, derivative):
        for field in record.fields:
            at, name = "%s.%s" % (path, field.name), flat + "_" + field.name
            if field.kind == "int" and not derivative:
                yield "%s = %d;" % (at, (ord(field.name) + len(name)) % 8)
            elif field.kind == "record":
                yield from self.fields(field.record, at, name, derivative)
            elif field.kind == "pointer":
                yield "%s *%s = harness_new(%s, sizeof *%s);" % (
                    field.type, name, field.cap.text("n"), name)
                yield "%s = %s;" % (at, name)

    def release(self, name):
        if self.kind in ("array", "matrix", "index"):
            yield "free(%s);" % name
        elif self.kind in ("record", "pointer"):
            yield from self.release_fields(self.record, name)

    def release_fields(self, record, flat):
        for field in record.fields:
            name = flat + "_" + field.name
            if field.kind == "pointer":
                yield "free(%s);" % name
            elif field.kind == "record":
                yield from self.release_fields(field.record, name)

    def leaves(self, name):
        """(address, type, number of elements) of all its floating values."""
        if self.kind == "scalar":
            yield "&" + name, self.type, "1"
        elif self.kind == "array":
            yield name, self.type, self.dims[0].text("n")
        elif self.kind == "matrix":
            yield "(%s *)%s" % (self.type, name), self.type, \
                "(%s) * (%s)" % tuple(d.text("n") for d in self.dims)
        elif self.kind in ("record", "pointer"):
            yield from self.field_leaves(self.record, name, name)

    def field_leaves(self, record, path, flat):
        for field in record.fields:
            at, name = "%s.%s" % (path, field.name), flat + "_" + field.name
            if field.kind == "float":
                yield "&" + at, field.type, "1"
            elif field.kind == "array":
                yield at, field.type, field.cap.text("n")
            elif field.kind == "record":
                yield from self.field_leaves(field.record, at, name)
            elif field.kind == "pointer":
                yield name, field.type, field.cap.text("n")

    def argument(self, name):
        if self.kind == "pointer":
            return "&" + name
        if self.kind == "matrix" and not self.writable:
            return "(const %s(*)[%s])%s" % (self.type,
                                            self.dims[1].text("n"), name)
        return name

    def derivative_argument(self, name, reverse):
        if self.kind in ("scalar", "record"):
            return "&" + name if reverse else name
        if self.kind == "matrix" and reverse:
            return name
        return self.argument(name)


def choose(program, rng):
    """The parameters of a random signature, without int n."""
    plain = 1 if "lanes" in program.features else rng.random()
    vector = (Cap(0, True),)
    roles = ["in", "in", "over", "work", "passive"] if program.scalar else \
        ["in", "in", "inout", "over", "out", "work", "passive"]
    if plain < 0.3:
        return [Parameter("array", "x", "in", program.type, vector)]
    if plain < 0.4:
        return [Parameter("array", "x", "over", program.type, vector)]
    params = []
    for letter in "xyz"[:rng.randint(1, 2)]:
        role = rng.choice(roles)
        dims = vector if rng.random() < 0.7 else (Cap(rng.randint(1, 4)),)
        params.append(Parameter("array", letter, role,
                                rng.choice(program.types), dims))
    if "matrix" in program.features and rng.random() < 0.5:
        role = rng.choice(["in", "in", "in" if program.scalar else "inout"])
        columns = Cap(1, True) if "vla_params" in program.features else \
            Cap(rng.randint(2, 3))
        params.append(Parameter("matrix", "m", role,
                                rng.choice(program.types),
                                (Cap(0, True), columns)))
    if rng.random() < 0.5:
        for letter in "gh"[:rng.randint(1, 2)]:
            params.append(Parameter("scalar", letter,
                                    rng.choice(["in", "in", "passive"]),
                                    rng.choice(program.types)))
    likely = 0.2 if program.second and not program.scalar else 0.9
    if program.records and rng.random() < likely:
        record = rng.choice(program.records)
        kind = rng.choice(["record", "pointer"])
        role = rng.choice(["in", "inout"]) if kind == "pointer" and \
            not program.scalar else "in"
        params.append(Parameter(kind, "r", role, record=record))
    if "ints" in program.features and rng.random() < 0.4:
        params.append(Parameter("int", "k", None))
    if "gather" in program.features and rng.random() < 0.5:
        params.append(Parameter("index", "idx", None))
    if "lanes" in program.features and rng.random() < 0.6:
        params.append(Parameter("array", "w", "in", program.type,
                                (Cap(rng.randint(4, 6)),)))
    rng.shuffle(params)
    if not any(p.active for p in params):
        params.append(Parameter("scalar", "g0", "in", program.type))
    return params


assert MOST < 64  # what harness.h has room for
