"""records.py - the struct types of a program."""
from .places import index
from .scope import Cap, Struct


class Field:
    """kind: float, int, array, record, or pointer (to floats)."""

    def __init__(self, name, kind, type=None, cap=None, record=None,
                 constant=False):
        self.name = name
        self.kind = kind
        self.type = type
        self.cap = cap
        self.record = record
        self.constant = constant

    def declaration(self):
        if self.kind == "int":
            return "int %s;" % self.name
        if self.kind == "float":
            return "%s %s;" % (self.type, self.name)
        if self.kind == "array":
            return "%s %s[%d];" % (self.type, self.name, self.cap.base)
        if self.kind == "record":
            return "%s %s;" % (self.record.name, self.name)
        const = "const " if self.constant else ""
        return "%s%s *%s;" % (const, self.type, self.name)


class Record:
    """name: how the type is written, "struct s0" or "S0"."""

    def __init__(self, name, fields):
        self.name = name
        self.fields = fields

    @property
    def has_pointer(self):
        return any(f.kind == "pointer" or
                   (f.kind == "record" and f.record.has_pointer)
                   for f in self.fields)

    def definition(self):
        inside = "".join("    %s\n" % f.declaration() for f in self.fields)
        if self.name.startswith("struct "):
            return "%s {\n%s};\n" % (self.name, inside)
        return "typedef struct {\n%s} %s;\n" % (inside, self.name)


def make_record(program, number, known):
    """A record; it may contain one of those that are known."""
    rng = program.rng
    name = rng.choice(["struct s%d", "S%d"]) % number
    fields = [Field("a", "float", rng.choice(program.types))]
    for letter in "bcd":
        roll = rng.random()
        if roll < 0.35:
            fields.append(Field(letter, "float", rng.choice(program.types)))
        elif roll < 0.5:
            fields.append(Field(letter, "int"))
        elif roll < 0.75:
            fields.append(Field(letter, "array", rng.choice(program.types),
                                Cap(rng.randint(1, 4))))
        elif roll < 0.9 and known:
            fields.append(Field(letter, "record", record=rng.choice(known)))
    rng.shuffle(fields)
    return Record(name, fields)


def add_pointers(program, record):
    """Pointer fields, for records that come in as parameters."""
    rng = program.rng
    for letter in "pq"[:rng.randint(1, 2)]:
        cap = Cap(0, True) if rng.random() < 0.6 else Cap(rng.randint(1, 4))
        record.fields.append(Field(letter, "pointer",
                                   rng.choice(program.types), cap,
                                   constant=rng.random() < 0.6))


def initializer(body, record, depth=1):
    """{ ... } for an object; what it leaves out is zero."""
    from .expressions import int_within, state
    if record.has_pointer:
        return None
    parts = []
    named = body.chance(0.6)
    for field in record.fields:
        if named and body.chance(0.2):
            continue
        if field.kind == "float":
            text = state(body, depth).text
        elif field.kind == "int":
            text = int_within(body, 7).text
        elif field.kind == "array":
            text = "{%s}" % ", ".join(
                state(body, 0).text
                for _ in range(body.rng.randint(1, field.cap.base)))
            if not named:
                text = "{%s}" % ", ".join(state(body, 0).text
                                          for _ in range(field.cap.base))
        else:
            text = initializer(body, field.record, 0)
        parts.append(".%s = %s" % (field.name, text) if named else text)
    if not parts:  # C11 has no empty braces
        field = record.fields[0]
        inner = {"array": "{0}", "record": None}.get(field.kind, "0")
        inner = inner or initializer(body, field.record, 0)
        parts.append(".%s = %s" % (field.name, inner))
    return "{%s}" % ", ".join(parts)


def struct_value(body, record):
    """The text of an lvalue of this record type, or None."""
    choices = [s.object for s in body.structs if s.record is record]
    for array in body.struct_arrays:
        if array.record is record:
            at = index(body, array.cap)
            if at is not None:
                choices.append("%s[%s]" % (array.text, at))
    return body.rng.choice(choices) if choices else None


def struct_address(body, record, write):
    """The text of a pointer to such an object, or None."""
    structs = [s for s in body.structs
               if s.record is record and (s.writable or not write)]
    arrays = [a for a in body.struct_arrays if a.record is record]
    if arrays and body.chance(0.5):
        array = body.rng.choice(arrays)
        at = index(body, array.cap)
        if at is not None:
            return "&%s[%s]" % (array.text, at), array.root
    if structs:
        struct = body.rng.choice(structs)
        return struct.address, struct.root
    return None


def nested(body, struct):
    """The struct itself, and the records in it, as places."""
    yield struct
    for field in struct.record.fields:
        if field.kind == "record":
            yield Struct(struct.member(field.name), field.record,
                         struct.writable, False, struct.root)


def int_fields(struct):
    """Its integer members, each within [0, 7]."""
    for field in struct.record.fields:
        if field.kind == "int":
            yield struct.member(field.name)
