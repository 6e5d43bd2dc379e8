"""statements.py - random statements: assignments, declarations, branches,
jumps and calls. Loops stand in loops.py, pointers in memory.py."""
from . import loops, memory
from .calls import affordable, call_text
from .expressions import (condition, constant, expr, bounded, int_expr,
                          int_within, positive, state)
from .places import element, place
from .records import initializer, int_fields, nested, struct_value
from .scope import MOST, Array, Cap, Float, Int, Struct, StructArray
from .values import LIMIT, SUFFIX, literal, number


DEEPEST = 6  # how far blocks are nested


def statements(body, most):
    """A few statements at this place."""
    for _ in range(body.rng.randint(1, most)):
        if body.statements <= 0:
            break
        statement(body)


def statement(body):
    """One statement, or a few that belong together."""
    body.statements -= 1
    kinds, weights = [], []
    for kind, weight, feature in KINDS:
        if feature is None or body.has(feature):
            kinds.append(kind)
            weights.append(weight)
    for _ in range(5):
        chosen = body.rng.choices(kinds, weights)[0]
        if chosen(body) is not False:
            return
    assign(body)


# ---- Assignments ----

def assign(body):
    roll = body.rng.random()
    totals = [f for f in body.floats if f.accumulator]
    if totals and roll < 0.35:
        total = body.rng.choice(totals)
        sign = "+=" if body.chance(0.7) else "-="
        body.emit("%s %s %s;" % (total.text, sign, state(body).text))
        return None
    found = place(body, write=True)
    if not found:
        return False
    if roll < 0.55 or not body.has("compound"):
        value = state(body)
        if value.text == found.text:  # clang does not like x = x
            value = bounded(body, expr(body, 2), 2)
        if value.text != found.text:
            body.emit("%s = %s;" % (found.text, value.text))
    else:
        compound(body, found)
    return None


def compound(body, found):
    """v op= e, such that v keeps its range."""
    roll = body.rng.random()
    text, suffix = found.text, SUFFIX[found.type]
    if roll < 0.3:
        body.emit("%s *= %s;" % (text, state(body, 2, 1.0).text))
    elif roll < 0.5:
        body.emit("%s /= %s;" % (text, positive(body, expr(body, 1), 1).text))
    elif roll < 0.8:
        share = number(body.rng.choice([0.3, 0.5, 0.7])) + suffix
        body.emit("%s *= %s;" % (text, share))
        sign = body.rng.choice(["+=", "-="])
        body.emit("%s %s %s;" % (text, sign, state(body, 2, 0.9).text))
    else:
        value = state(body, 2, 1.7)
        body.emit("%s = 0.4%s * %s + %s;" % (text, suffix, text, value.text))


def chain(body):
    """Assignments as expressions: a = b = e; s += (t = e)."""
    first, second = place(body, write=True), place(body, write=True)
    totals = [f for f in body.floats if f.accumulator]
    if not first or not second:
        return False
    value = state(body)
    if value.text == second.text:  # clang does not like x = x
        return False
    if totals and body.chance(0.5):
        body.emit("%s += (%s = %s);" % (totals[0].text, first.text,
                                        value.text))
    elif first.root != second.root:
        body.emit("%s = %s = %s;" % (first.text, second.text, value.text))
    else:
        return False
    return None


# ---- Declarations ----

def any_type(body):
    return body.rng.choice(body.program.types)


def declare_float(body):
    type = any_type(body)
    name = body.name("v")
    value = state(body)
    body.emit("%s %s = %s;" % (type, name, value.text))
    body.floats.append(Float(name, type))


def declare_total(body):
    type = any_type(body)
    name = body.name("s")
    body.emit("%s %s = %s;" % (type, name, state(body, 1).text
                               if body.chance(0.5) else "0"))
    body.floats.append(Float(name, type, accumulator=True))


def declare_int(body):
    name = body.name("k")
    high = body.rng.choice([2, 3, 5, 7])
    value = int_within(body, high)
    type = body.rng.choice(["int"] * 4 + ["unsigned", "long", "short",
                                          "unsigned char"])
    body.emit("%s %s = %s;" % (type, name, value.text))
    body.ints.append(Int(name, 0, high, mutable=True, type=type))


def change_int(body):
    choices = [i for i in body.ints if i.mutable]
    if not choices:
        return declare_int(body)
    var = body.rng.choice(choices)
    high = int(var.high)
    roll = body.rng.random()
    if roll < 0.35:
        value = int_within(body, high).text
        body.emit("%s = %s;" % (var.text, "0" if value == var.text
                                else value))  # clang does not like x = x
    elif roll < 0.6 and high > 0:
        body.emit("if (%s) {" % condition(body))
        body.emit("%s = %s < %d ? %s + 1 : 0;" %
                  (var.text, var.text, high, var.text), 1)
        body.emit("}")
    elif roll < 0.8:
        body.emit("if (++%s > %d)" % (var.text, high))
        body.emit("%s = 0;" % var.text, 1)
    else:
        body.emit("%s = (%s + %d) %% %d;" % (
            var.text, var.text, body.rng.randint(1, 9), high + 1))
    return None


def declare_array(body):
    """Local, of a fixed length, with all its elements set."""
    cap = Cap(body.rng.randint(1, 6))
    type, name = any_type(body), body.name("a")
    roll = body.rng.random()
    if roll < 0.3:
        body.emit("%s %s[%d] = {0};" % (type, name, cap.base))
    elif roll < 0.6:
        items = ", ".join(state(body, 1).text for _ in range(cap.base))
        body.emit("%s %s[%d] = {%s};" % (type, name, cap.base, items))
    elif roll < 0.7:
        at = body.rng.randrange(cap.base)
        body.emit("%s %s[%d] = {[%d] = %s};" % (type, name, cap.base, at,
                                                state(body, 1).text))
    else:
        if not loops.affordable(body, cap.base):
            return False
        body.emit("%s %s[%d];" % (type, name, cap.base))
        memory.fill(body, name, [str(cap.base)], [cap])
    body.arrays.append(Array(name, type, [cap]))
    return None


def declare_vla(body):
    if not body.sized or not loops.affordable(body, MOST + 2):
        return False
    cap = Cap(body.rng.randint(1, 2), True)
    type, name = any_type(body), body.name("a")
    body.emit("%s %s[%s];" % (type, name, cap.text(body.size)))
    memory.fill(body, name, [cap.text(body.size)], [cap])
    body.arrays.append(Array(name, type, [cap]))
    return None


def declare_matrix(body):
    sized = body.sized and body.has("vla") and body.chance(0.4)
    rows = Cap(1, True) if sized else Cap(body.rng.randint(2, 4))
    columns = Cap(body.rng.randint(2, 3))
    if not loops.affordable(body, (MOST + 1) * columns.base):
        return False
    type, name = any_type(body), body.name("m")
    body.emit("%s %s[%s][%d];" % (type, name, rows.text(body.size),
                                  columns.base))
    memory.fill(body, name, [rows.text(body.size), str(columns.base)],
                [rows, columns])
    body.arrays.append(Array(name, type, [rows, columns]))
    return None


def declare_struct(body):
    records = body.program.local_records
    if not records:
        return False
    record = body.rng.choice(records)
    other = struct_value(body, record) if body.chance(0.3) else None
    text = other or initializer(body, record)
    name = body.name("t")
    body.emit("%s %s = %s;" % (record.name, name, text))
    struct = Struct(name, record)
    body.structs += list(nested(body, struct))
    add_int_fields(body, struct)
    return None


def add_int_fields(body, struct):
    for text in int_fields(struct):
        field = Int(text, 0, 7, mutable=struct.writable)
        field.root = struct.root
        body.ints.append(field)


def declare_struct_array(body):
    records = body.program.local_records
    if not records:
        return False
    record = body.rng.choice(records)
    cap = Cap(body.rng.randint(2, 4))
    items = [initializer(body, record) for _ in
             range(body.rng.randint(1, cap.base))]
    name = body.name("u")
    body.emit("%s %s[%d] = {%s};" % (record.name, name, cap.base,
                                     ", ".join(items)))
    body.struct_arrays.append(StructArray(name, record, cap))
    return None


def assign_struct(body):
    """object = object, compound literal, or what a helper returns."""
    structs = [s for s in body.structs
               if s.writable and s.record not in body.program.views]
    if not structs:
        return False
    target = body.rng.choice(structs)
    text = None
    roll = body.rng.random()
    if roll < 0.4:
        helpers = [h for h in body.program.helpers
                   if h.result is target.record and affordable(body, h)]
        if helpers:
            text = call_text(body, body.rng.choice(helpers))
    elif roll < 0.7:
        text = struct_value(body, target.record)
    if text is None:
        inner = initializer(body, target.record)
        text = inner and "(%s)%s" % (target.record.name, inner)
    if text is None or text == target.object:
        return False
    body.emit("%s = %s;" % (target.object, text))
    return None


# ---- Branches and jumps ----

def room(body, wanted):
    """Whether a block of some statements may be opened here."""
    return body.statements >= wanted and body.depth < DEEPEST


def branch(body):
    if not room(body, 2):
        return False
    size_test = body.sized and body.chance(0.2)
    least = body.rng.randint(1, 3)
    test = "%s > %d" % (body.size, least - 1) if size_test else \
        condition(body)
    otherwise = body.chance(0.45)
    with body.block("if (%s)" % test, tail="} else {" if otherwise else "}"):
        if size_test:
            body.least = max(body.least, least)
        assign(body)
        statements(body, 3)
    if otherwise:
        body.depth += 1
        with body.visible():
            assign(body)
            statements(body, 2)
        body.depth -= 1
        body.emit("}")
    return None


def switch(body):
    if not room(body, 4):
        return False
    value = int_expr(body)
    if not any(c.isalpha() for c in value.text):
        return False  # compilers warn of constants
    low = max(0, int(value.low))
    labels = list(range(low, low + body.rng.randint(2, 4)))
    body.rng.shuffle(labels)
    fallback = body.rng.randrange(len(labels) + 1)
    body.emit("switch (%s) {" % value.text)
    body.jumps.append(("switch", len(body.heap)))
    entries = ["case %d:" % label for label in labels]
    if body.chance(0.7):
        entries.insert(fallback, "default:")
    for number_, entry in enumerate(entries):
        last = number_ == len(entries) - 1
        # Braces, for declarations must not be jumped over.
        body.emit(entry + " {")
        body.depth += 1
        with body.visible():
            assign(body)
            statements(body, 2)
        leaves = last or body.chance(0.65)
        if leaves:
            body.emit("break;")
        body.depth -= 1
        body.emit("}")
        if not leaves:
            body.emit("/* fall through */", 1)
    body.jumps.pop()
    body.emit("}")
    return None


def leave_by(body, jump):
    """if (condition) { free what must be; jump; }"""
    loops_ = [i for i, (kind, _) in enumerate(body.jumps) if kind == "loop"]
    if not loops_:
        return False
    if jump == "break;" and body.jumps[-1][0] == "switch":
        return False
    since = body.jumps[loops_[-1]][1]
    guarded(body, condition(body), body.frees(since) + [jump])
    return None


def guarded(body, test, lines):
    if len(lines) == 1:
        body.emit("if (%s)" % test)
        body.emit(lines[0], 1)
        return
    body.emit("if (%s) {" % test)
    for line in lines:
        body.emit(line, 1)
    body.emit("}")


def break_out(body):
    return leave_by(body, "break;")


def continue_on(body):
    return leave_by(body, "continue;")


def return_early(body):
    test = condition(body)
    if body.sized and body.chance(0.15) and body.trips == 1 and \
            body.least == 0:
        test = "%s < 2" % body.size
    lines = body.frees()
    value, type = None, body.result
    if isinstance(type, str):
        value = state(body, 1).text
    elif type:
        value, type = struct_value(body, type), type.name
        if not value:
            return False
    if value and lines:  # what is freed must be read before
        lines.insert(0, "%s result = %s;" % (type, value))
        value = "result"
    lines.append("return %s;" % value if value else "return;")
    guarded(body, test, lines)
    if test == "%s < 2" % body.size and body.depth == 1:
        body.least = 2
    return None


def go_to_done(body):
    """A forward jump out of nested blocks."""
    if body.depth != 1 or not room(body, 3) or \
            not loops.affordable(body, MOST):
        return False
    label = body.name("done")
    i, heap = body.name("i"), len(body.heap)
    with body.block("for (int %s = 0; %s < 4; %s++)" % (i, i, i), 4, "loop"):
        body.ints.append(Int(i, 0, 3))
        statements(body, 2)
        guarded(body, condition(body),
                body.frees(heap) + ["goto %s;" % label])
        assign(body)
    assign(body)
    body.lines.append("%s:;" % label)
    return None


# ---- Calls and effects ----

def call_helper(body):
    """A call whose effects matter, or whose value is assigned."""
    helpers = [h for h in body.program.helpers if affordable(body, h)]
    if not helpers:
        return False
    effects = [h for h in helpers if not h.pure]
    helper = body.rng.choice(effects if effects and body.chance(0.8)
                             else helpers)
    if helper.result and not isinstance(helper.result, str):
        return assign_struct(body)
    if helper.result is None and helper.pure:
        return False
    text = call_text(body, helper)
    if not text:
        return False
    if helper.result is None:
        body.emit(text + ";")
        return None
    totals = [f for f in body.floats if f.accumulator]
    if totals and body.chance(0.4):
        factor = constant(body, 0.1, 0.9)
        body.emit("%s += %s * %s;" % (totals[0].text, factor.text, text))
        return None
    # What is assigned to must be no place that the call may write, too, for
    # the order of the two is C's to choose: a new variable is not.
    name = body.name("v")
    body.emit("%s %s = %s;" % (helper.result, name, text))
    body.floats.append(Float(name, helper.result))
    return None


def increments(body):
    """a[k++] = e; and the like, k being used by nothing else there."""
    arrays = [a for a in body.arrays if a.writable and len(a.dims) == 1 and
              a.type != "int" and 2 <= a.dims[0].base and not a.shared]
    if not arrays:
        return False
    array = body.rng.choice(arrays)
    name = body.name("k")
    body.emit("int %s = 0;" % name)
    most = min(array.dims[0].base, 3)
    for _ in range(body.rng.randint(1, most)):
        body.emit("%s[%s++] = %s;" % (array.text, name, state(body, 1).text))
    found = place(body, write=True)
    if found and found.local:
        body.emit("%s = 0.5 * %s[--%s];" % (found.text, array.text, name))
    body.ints.append(Int(name, 0, most))
    return None


def exchange(body):
    """Two places trade their values."""
    first, second = place(body, write=True), place(body, write=True)
    if not first or not second or first.type != second.type or \
            first.text == second.text:
        return False
    name = body.name("v")
    body.emit("%s %s = %s;" % (first.type, name, first.text))
    body.emit("%s = %s;" % (first.text, second.text))
    body.emit("%s = %s;" % (second.text, name))
    body.floats.append(Float(name, first.type))
    return None


def count_up(body):
    """n counted by data: an integer that later steers something."""
    arrays = [a for a in body.arrays if a.type != "int"]
    if not arrays or not body.sized or not loops.affordable(body, MOST):
        return False
    name, i = body.name("k"), body.name("i")
    body.emit("int %s = 0;" % name)
    with body.block("for (int %s = 0; %s < %s; %s++)" %
                    (i, i, body.size, i), MOST):
        body.least = max(body.least, 1)
        body.ints.append(Int(i, 0, MOST - 1, below=True))
        text = element(body, body.rng.choice(arrays))
        limit = literal(body.rng.uniform(-0.7, 0.7))
        text = text or "0.1 * " + i
        body.emit("%s += %s > %s;" % (name, text, limit.text))
    body.ints.append(Int(name, 0, MOST))
    return None


assert LIMIT == 3.0  # what the shares in compound() keep

# What is chosen from: a function, its weight, and the feature it needs. The
# modules that import this one add theirs.
KINDS = [
    (assign, 10, None), (declare_float, 3, None), (declare_total, 1, None),
    (chain, 1, "compound"), (declare_int, 1.5, "ints"),
    (change_int, 1.5, "ints"), (count_up, 1, "ints"),
    (declare_array, 2, "arrays"), (declare_vla, 1.5, "vla"),
    (declare_matrix, 1.5, "matrix"), (declare_struct, 2.5, "structs"),
    (declare_struct_array, 1.5, "struct_arrays"),
    (assign_struct, 2, "structs"), (branch, 4, "branches"),
    (switch, 2, "switch"), (break_out, 2.5, "break"),
    (continue_on, 2, "continue"), (return_early, 0.7, "return"),
    (go_to_done, 1, "goto"), (call_helper, 4, "helpers"),
    (increments, 1.5, "increments"), (exchange, 1, "compound"),
    (loops.loop, 7, "loops"), (loops.while_loop, 2, "while"),
    (loops.do_loop, 2, "do"), (loops.endless_loop, 1, "while"),
    (loops.shrinking_loop, 1, "bounds"), (loops.two_ended_loop, 1, "bounds"),
    (memory.heap_array, 2, "heap"), (memory.pointer_into, 2, "pointers"),
    (memory.pointer_chosen, 2, "chosen"), (memory.pointer_to_scalar, 1.5,
                                           "pointers"),
    (memory.walk, 2, "walk"), (memory.swap_buffers, 2, "swap"),
    (memory.pointer_array, 1.5, "pointer_arrays"),
    (memory.copy_memory, 1.5, "memcpy"), (memory.scan_in_place, 2.5,
                                          "in_place"),
    (memory.struct_pointer, 1.5, "structs"),
]
