"""views.py - memory under other names: structs of pointers, pointers that
helpers hand out, compound literals, unions; and memory that grows or lives on
the stack."""
from . import statements as st  # first: it imports the other two
from . import loops, memory
from .expressions import condition, state
from .places import one_dimensional
from .records import Field, Record
from .scope import MOST, Array, Cap, Float, Int, Struct

VECTOR = 3  # how many elements a union's vector has


def make_views(program):
    """The types that a program's views need; see Program.source()."""
    program.views, program.unions = [], []
    rng = program.rng
    if "views" in program.features:
        type = rng.choice(program.types)
        cap = Cap(0, True) if rng.random() < 0.4 else Cap(rng.randint(1, 3))
        fields = [Field("p", "pointer", type, cap),
                  Field("a", "float", rng.choice(program.types))]
        if rng.random() < 0.5:
            fields.append(Field("q", "pointer", type, cap))
        if rng.random() < 0.5:
            fields.append(Field("k", "int"))
        rng.shuffle(fields)
        program.views.append(Record("struct view", fields))
    if "unions" in program.features:
        program.unions.append(Union(rng.choice(program.types)))


class Union:
    """A vector whose elements have names, too."""

    name = "union parts"

    def __init__(self, type):
        self.type = type

    def definition(self):
        return "union parts {\n    %s v[%d];\n    struct {\n" \
            "        %s x, y, z;\n    } at;\n};\n" % (self.type, VECTOR,
                                                   self.type)


# ---- Structs of pointers ----

def fitting(body, field):
    return [a for a in one_dimensional(body, field.type, True, field.cap)
            if not (field.cap.sized and not body.sized)]


def view(body):
    """A struct whose members point to arrays of this function."""
    views = body.program.views
    if not views:
        return False
    record, name = views[0], body.name("t")
    parts = []
    for field in record.fields:
        if field.kind == "pointer":
            arrays = fitting(body, field)
            if not arrays:
                return False
            array = body.rng.choice(arrays)
            memory.share(body, array)
            parts.append(".%s = %s" % (field.name, array.text))
        elif field.kind == "float":
            parts.append(".%s = %s" % (field.name, state(body, 1).text))
        else:
            parts.append(".%s = %d" % (field.name, body.rng.randrange(8)))
    body.emit("struct view %s = {%s};" % (name, ", ".join(parts)))
    struct = Struct(name, record)
    struct.reach = [a.text for a in body.arrays]  # what lives as long
    body.structs.append(struct)
    st.add_int_fields(body, struct)
    return None


def redirect(body):
    """Lets a member of a view point to something else."""
    views = [s for s in body.structs if s.record in body.program.views and
             not s.arrow]
    if not views:
        return view(body)
    struct = body.rng.choice(views)
    field = next(f for f in struct.record.fields if f.kind == "pointer")
    arrays = [a for a in fitting(body, field)
              if a.text.split("[")[0] in struct.reach]
    if not arrays:
        return False
    array = body.rng.choice(arrays)
    memory.share(body, array)
    line = "%s = %s;" % (struct.member(field.name), array.text)
    if body.chance(0.6):
        st.guarded(body, condition(body), [line])
    else:
        body.emit(line)
    return None


# ---- Pointers from elsewhere ----

def handed_out(body):
    """A helper chooses a pointer and hands it out."""
    found = memory.two_arrays(body)
    if not found or not (found[0].writable and found[1].writable):
        return False
    first, second, cap = found
    suffix = first.type.replace(" ", "_")
    body.program.pickers.add(first.type)
    name = body.name("p")
    body.emit("%s *%s = %s;" % (first.type, name, first.text))
    body.emit("pick_%s(&%s, %s, %s);" % (suffix, name, second.text,
                                         condition(body)))
    memory.share(body, first, second)
    body.arrays.append(Array(name, first.type, [cap], shared=True))
    return None


def picker(type):
    """The text of the helper."""
    return "static void pick_%s(%s **to, %s *other, int wanted) {\n" \
        "    if (wanted)\n        *to = other;\n}\n\n" % (
            type.replace(" ", "_"), type, type)


def literal_array(body):
    """T *p = (T[]){...};"""
    cap = Cap(body.rng.randint(1, 4))
    type, name = st.any_type(body), body.name("p")
    items = ", ".join(state(body, 1).text for _ in range(cap.base))
    body.emit("%s *%s = (%s[]){%s};" % (type, name, type, items))
    body.arrays.append(Array(name, type, [cap]))
    return None


def union_object(body):
    if not body.program.unions:
        return False
    type, name = body.program.unions[0].type, body.name("u")
    items = ", ".join(state(body, 1).text for _ in range(VECTOR))
    body.emit("union parts %s = {{%s}};" % (name, items))
    body.arrays.append(Array(name + ".v", type, [Cap(VECTOR)], root=name))
    for letter in "xyz":
        member = Float("%s.at.%s" % (name, letter), type, local=False)
        member.root = name
        body.floats.append(member)
    return None


# ---- Memory on the stack, aligned, and memory that grows ----

def stack_array(body):
    if not loops.affordable(body, MOST):
        return False
    cap = Cap(body.rng.randint(1, 4))
    if body.sized and body.chance(0.5):
        cap = Cap(body.rng.randint(1, 2), True)
    type, name = st.any_type(body), body.name("h")
    length = cap.text(body.size)
    count = "(size_t)(%s)" % length if cap.sized else length
    body.emit("%s *%s = alloca(%s * sizeof *%s);" % (type, name, count, name))
    memory.fill(body, name, [length], [cap])
    body.arrays.append(Array(name, type, [cap]))
    return None


def aligned_array(body):
    if body.trips > 1 and not body.has("heap_in_loop"):
        return False
    cap = Cap(4)
    type, name = st.any_type(body), body.name("h")
    body.emit("%s *%s = aligned_alloc(16, 4 * sizeof *%s);" % (type, name,
                                                               name))
    body.heap.append(name)
    memory.fill(body, name, ["4"], [cap])
    body.arrays.append(Array(name, type, [cap]))
    return None


def grown_array(body):
    """Reallocated, once or with each element."""
    if (body.trips > 1 and not body.has("heap_in_loop")) or \
            not loops.affordable(body, MOST + 2):
        return False
    type, name, i = st.any_type(body), body.name("h"), body.name("i")
    body.emit("%s *%s = malloc(2 * sizeof *%s);" % (type, name, name))
    for at in range(2):
        body.emit("%s[%d] = %s;" % (name, at, state(body, 1).text))
    body.heap.append(name)
    sized = body.sized and body.chance(0.5)
    count = "n" if sized else str(body.rng.randint(1, 3))
    cap = Cap(2, True) if sized else Cap(2 + int(count))
    if sized and body.chance(0.5):
        with body.block("for (int %s = 0; %s < n; %s++)" % (i, i, i), MOST):
            body.ints.append(Int(i, 0, MOST - 1, below=True))
            body.emit("%s = realloc(%s, (size_t)(%s + 3) * sizeof *%s);" % (
                name, name, i, name))
            body.emit("%s[%s + 2] = %s;" % (name, i, state(body, 1).text))
    else:
        total = "(size_t)(n + 2)" if sized else str(cap.base)
        body.emit("%s = realloc(%s, %s * sizeof *%s);" % (name, name, total,
                                                         name))
        head = "for (int %s = 2; %s < %s; %s++)" % (
            i, i, cap.text(body.size), i)
        with body.visible():
            body.emit(head)
            body.ints.append(Int(i, 2, MOST + 1))
            body.emit("%s[%s] = %s[%s - 2] * %s;" % (
                name, i, name, i, state(body, 1, 1.0).at(10)), 1)
    body.arrays.append(Array(name, type, [cap]))
    return None


st.KINDS += [
    (view, 1.5, "views"), (redirect, 1.5, "views"),
    (handed_out, 1.5, "handed_out"), (literal_array, 1.5, "literals"),
    (union_object, 2, "unions"), (stack_array, 2, "alloca"),
    (aligned_array, 1, "aligned"), (grown_array, 2, "realloc"),
]
