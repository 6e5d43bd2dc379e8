"""effects.py - side effects in odd places: comma operators, conditions that
assign, statement expressions, integers that are mixed bit by bit, loops made
of goto and flags."""
from . import statements as st  # first: it imports loops
from . import loops
from .expressions import bounded, condition, constant, expr, state
from .places import place
from .scope import Int, Float


def two_places(body):
    """Two different variables or elements that can be written, or None."""
    first, second = place(body, write=True), place(body, write=True)
    if not first or not second or first.root == second.root:
        return None
    return first, second


def comma(body):
    """x = (y = e, f);"""
    found = two_places(body)
    if not found:
        return False
    first, second = found
    value, other = state(body, 1), state(body)
    if value.text == second.text or other.text == first.text:
        return False
    body.emit("%s = (%s = %s, %s);" % (first.text, second.text, value.text,
                                       other.text))
    return None


def assigning_condition(body):
    """if (c && (x = e) > 0.1): x changes where c is true alone."""
    found = place(body, write=True)
    if not found or not st.room(body, 2):
        return False
    value = state(body, 1)
    if value.text == found.text:
        return False
    inner = "(%s = %s) > %s" % (found.text, value.text,
                                constant(body, -0.5, 0.5).text)
    sign = body.rng.choice(["&&", "||"])
    test = "(%s) %s %s" % (condition(body), sign, inner)
    if body.chance(0.3):
        test = "%s %s (%s)" % (inner, sign, condition(body))
    with body.block("if (%s)" % test):
        st.assign(body)
        st.statements(body, 2)
    return None


def choice_with_effects(body):
    """c ? (x = e) : (y = f);"""
    found = two_places(body)
    if not found:
        return False
    first, second = found
    parts = []
    for target in (first, second):
        value = state(body, 1)
        if value.text == target.text:
            return False
        parts.append("(%s = %s)" % (target.text, value.text))
    body.emit("%s ? %s : %s;" % (condition(body), parts[0], parts[1]))
    return None


def statement_expression(body):
    """x = ({ T t = e; t *= f; t; });"""
    found = place(body, write=True)
    if not found:
        return False
    type, name = st.any_type(body), body.name("v")
    body.emit("%s = ({" % found.text)
    body.depth += 1
    body.emit("%s %s = %s;" % (type, name, state(body, 1).text))
    with body.visible():
        body.floats.append(Float(name, type))
        body.is_known_read.add(name)
        body.emit("%s *= %s;" % (name, state(body, 1, 1.0).text))
    body.emit("%s;" % name)
    body.depth -= 1
    body.emit("});")
    return None


def mixed_bits(body):
    """An unsigned number that wraps around, and an integer made of it."""
    known = [i for i in body.ints if i.low >= 0 and i.type == "int"]
    state_, name = body.name("b"), body.name("k")
    start = "%du" % body.rng.randint(1, 9999)
    if known and body.chance(0.7):
        start = "(unsigned)%s * 2654435761u + %s" % (
            body.rng.choice(known).text, start)
    body.emit("unsigned %s = %s;" % (state_, start))
    for _ in range(body.rng.randint(1, 3)):
        body.emit(body.rng.choice([
            "%s ^= %s << 13;", "%s ^= %s >> 7;", "%s = ~%s + 77u;",
            "%s = %s * 1103515245u + 12345u;", "%s |= %s / 3u;",
            "%s = (%s & 0xffffu) | 0x50000u;"]) % (state_, state_))
    body.emit("int %s = (int)(%s >> %d) & 7;" % (name, state_,
                                                 body.rng.randint(3, 20)))
    body.ints.append(Int(name, 0, 7, mutable=True))
    return None


def loop_of_goto(body):
    """again: ... if (c) goto again;"""
    most = body.rng.randint(2, 4)
    if not st.room(body, 3) or not loops.affordable(body, most):
        return False
    count, label = body.name("k"), body.name("again")
    body.emit("int %s = 0;" % count)
    body.lines.append("%s:;" % label)
    outer = body.trips
    body.trips *= most
    body.jumps.append(("goto", len(body.heap)))
    with body.visible():
        body.emit("{")
        body.depth += 1
        body.ints.append(Int(count, 0, most - 1))
        with body.visible():
            st.assign(body)
            st.statements(body, 3)
        body.depth -= 1
        body.emit("}")
        test = "++%s < %d" % (count, most)
        if body.chance(0.6):
            test += " && " + condition(body)
        body.emit("if (%s)" % test)
        body.emit("goto %s;" % label, 1)
    body.jumps.pop()
    body.trips = outer
    body.ints.append(Int(count, 0, most))
    return None


def flagged_loops(body):
    """A flag leaves two loops at once."""
    if not st.room(body, 3) or not loops.affordable(body, 12):
        return False
    flag, i, j = body.name("k"), body.name("i"), body.name("i")
    body.emit("int %s = 0;" % flag)
    with body.block("for (int %s = 0; %s < 4 && !%s; %s++)" %
                    (i, i, flag, i), 4, "loop"):
        body.ints.append(Int(i, 0, 3))
        with body.block("for (int %s = 0; %s < 3; %s++)" % (j, j, j), 3,
                        "loop"):
            body.ints.append(Int(j, 0, 2))
            st.assign(body)
            lines = body.frees(body.jumps[-1][1])
            st.guarded(body, condition(body),
                       ["%s = 1;" % flag] + lines + ["break;"])
            st.statements(body, 2)
        st.guarded(body, flag, body.frees(body.jumps[-1][1]) + ["break;"])
        st.assign(body)
    body.ints.append(Int(flag, 0, 1))
    return None


def kept_maximum(body):
    """The largest of an array, and where it is."""
    arrays = [a for a in body.arrays if len(a.dims) == 1 and a.type != "int"
              and not a.dims[0].sized and a.dims[0].base > 1]
    if not arrays or not loops.affordable(body, 6):
        return False
    array = body.rng.choice(arrays)
    cap = array.dims[0]
    best, at, i = body.name("v"), body.name("k"), body.name("i")
    body.emit("%s %s = %s[0];" % (array.type, best, array.text))
    body.emit("int %s = 0;" % at)
    body.emit("for (int %s = 1; %s < %d; %s++)" % (i, i, cap.base, i))
    test = "%s[%s] > %s" % (array.text, i, best)
    if body.chance(0.5):
        body.emit("if (%s)" % test, 1)
        body.emit("%s = %s[%s], %s = %s;" % (best, array.text, i, at, i), 2)
    else:
        body.emit("%s = %s ? (%s = %s, %s[%s]) : %s;" % (
            best, test, at, i, array.text, i, best), 1)
    body.emit("(void)%s;" % at)
    body.floats.append(Float(best, array.type))
    body.ints.append(Int(at, 0, cap.base - 1))
    return None


def discarded(body):
    """A value that is computed and thrown away; what it changes stays."""
    found = place(body, write=True)
    if not found:
        return False
    value = bounded(body, expr(body, 1), 2)
    if value.text == found.text:
        return False
    body.emit("(void)(%s + (%s = %s));" % (constant(body, 0.1, 1).text,
                                           found.text, value.text))
    return None


st.KINDS += [
    (comma, 1.5, "effects"), (assigning_condition, 1.5, "effects"),
    (choice_with_effects, 1.5, "effects"), (discarded, 0.5, "effects"),
    (statement_expression, 1.5, "statement_expressions"),
    (mixed_bits, 1.5, "bits"), (loop_of_goto, 1.5, "goto_back"),
    (flagged_loops, 1.5, "flags"), (kept_maximum, 1.5, "maximum"),
]
