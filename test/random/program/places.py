"""places.py - choosing what to read and what to write: variables, elements
at indices that are in bounds, members."""
from .scope import MOST, Array, Cap
from .values import LIMIT, Value


def known(body, cap):
    """How many elements an array of this length has for certain. Where n
    may be 0, compilers warn of elements that a loop up to n would set."""
    if cap.sized:
        return cap.base + body.least if body.least > 0 else 0
    return cap.base


def index(body, cap):
    """The text of an index that is in bounds, or None if there is none."""
    rng = body.rng
    certain = known(body, cap)
    choices = []
    for var in body.ints:
        if var.low < 0:
            continue
        inside = cap.sized and var.below
        if var.high < certain or inside:
            choices += [(var, "%s")] * 3
        if inside:
            last = "n + %d" % (cap.base - 1) if cap.base > 1 else \
                "n" if cap.base == 1 else "n - 1"
            choices.append((var, last + " - %s"))
            choices.append((var, "%s / 2"))
            if cap.base > 0:
                choices.append((var, "%%s + %d" % rng.randint(1, cap.base)))
        elif not cap.sized and var.high < cap.base:
            choices.append((var, "%d - %%s" % (cap.base - 1)))
        if certain > 0 and var.high < 1000 and var.type == "int":
            length = "n" if cap.sized and body.least > 0 else str(certain)
            shift = rng.randint(1, 5)
            choices.append((var, "(%%s + %d) %% %s" % (shift, length)))
            if var.high < 100:
                choices.append(
                    (var, "%%s * %d %% %s" % (shift + 1, length)))
    if certain > 0:
        choices.append((None, str(rng.randrange(certain))))
        if cap.sized:
            end = cap.base - 1
            text = "n" if end == 0 else "n %s %d" % ("-+"[end > 0], abs(end))
            choices.append((None, text))
    if cap.sized and cap.base == 0:
        choices += gathers(body)
    if not choices:
        return None
    var, form = rng.choice(choices)
    if var is None:
        return form
    return form.replace("%s", var.text).replace("%%", "%")


def gathers(body):
    """Elements of arrays of indices, each of them below n."""
    for array in body.arrays:
        if array.type == "int":
            for var in body.ints:
                if var.below and var.low >= 0:
                    yield None, "%s[%s]" % (array.text, var.text)


def element(body, array):
    """An element's text, or None."""
    text = array.text
    for cap in array.dims:
        at = index(body, cap)
        if at is None:
            return None
        text += "[%s]" % at
    return text


class Place:
    """Something of floating type that can be read and, perhaps, written."""

    def __init__(self, text, type, root, local=False, array=None):
        self.text = text
        self.type = type
        self.root = root
        self.local = local  # a plain variable, not an element or a member
        self.array = array  # what it is an element of


def place(body, write=False):
    """A random place, or None."""
    rng = body.rng
    floats = [f for f in body.floats
              if not f.accumulator and (f.writable or not write)]
    arrays = [a for a in body.arrays
              if a.type != "int" and (a.writable or not write)]
    structs = [s for s in body.structs if s.writable or not write]
    kinds = []
    if floats:
        kinds += ["float"] * 2
    if arrays:
        kinds += ["array"] * 3
    if structs:
        kinds += ["struct"] * 2
    if body.struct_arrays:
        kinds += ["structs"]
    for _ in range(4 if kinds else 0):
        kind = rng.choice(kinds)
        found = None
        if kind == "float":
            chosen = rng.choice(floats)
            found = Place(chosen.text, chosen.type, chosen.root, chosen.local)
        elif kind == "array":
            found = array_place(body, rng.choice(arrays))
        elif kind == "struct":
            chosen = rng.choice(structs)
            found = struct_place(body, chosen.record, chosen.text,
                                 chosen.root, write,
                                 "->" if chosen.arrow else ".")
        else:
            chosen = rng.choice(body.struct_arrays)
            at = index(body, chosen.cap)
            if at is not None:
                found = struct_place(body, chosen.record,
                                     "%s[%s]" % (chosen.text, at),
                                     chosen.root, write)
        if found:
            return found
    return None


def array_place(body, array):
    text = element(body, array)
    return text and Place(text, array.type, array.root, array=array)


def struct_place(body, record, text, root, write, accessor="."):
    fields = [f for f in record.fields if f.kind != "int" and
              not (write and f.kind == "pointer" and f.constant)]
    if not fields:
        return None
    field = body.rng.choice(fields)
    text += accessor + field.name
    if field.kind == "float":
        return Place(text, field.type, root)
    if field.kind == "record":
        return struct_place(body, field.record, text, root, write)
    array = Array(text, field.type, [field.cap], not field.constant, root)
    return array_place(body, array)


def read_place(body):
    """A Value: what some place holds, or None."""
    found = place(body)
    return found and Value(found.text, -LIMIT, LIMIT, found.type)


def one_dimensional(body, type=None, write=False, wanted=Cap(1)):
    """Arrays, and rows of matrices, with the elements that are wanted."""
    for array in body.arrays:
        if array.type == "int" or (write and not array.writable) or \
                (type and array.type != type):
            continue
        if len(array.dims) == 1:
            if array.dims[0].fits(wanted):
                yield array
        elif array.dims[1].fits(wanted):
            at = index(body, array.dims[0])
            if at is not None:
                yield Array("%s[%s]" % (array.text, at), array.type,
                            array.dims[1:], array.writable, array.root,
                            array.shared)


def int_bound(body, cap):
    """(text, most) of a number of elements that an array surely has."""
    if cap.sized and body.chance(0.7):
        return body.size, MOST
    certain = known(body, cap)
    if certain > 0:
        return str(certain), certain
    return (body.size, MOST) if cap.sized else (None, 0)
