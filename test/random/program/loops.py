"""loops.py - loops of every form, all of which end soon."""
from . import statements as st
from .expressions import condition, constant
from .places import place
from .scope import MOST, TRIPS, Int


def affordable(body, trips):
    return body.trips * trips <= TRIPS


def loop(body):
    """A for loop with a counter."""
    if not st.room(body, 2):
        return False
    forms = [fixed, fixed_down]
    if body.sized:
        forms += [up, up, down, stride, later, unsigned]
        if any(i.below for i in body.ints):
            forms += [triangle] * 4
    if any(i.low >= 0 and i.high > 0 for i in body.ints):
        forms.append(by_integer)
    found = body.rng.choice(forms)(body)
    if not found:
        return False
    head, counter, trips, least = found
    if not affordable(body, trips):
        return False
    with body.block(head, trips, "loop"):
        body.least = max(body.least, least)
        body.ints.append(counter)
        st.assign(body)
        st.statements(body, 4)
    return None


def up(body):
    i = body.name("i")
    return ("for (int %s = 0; %s < n; %s++)" % (i, i, i),
            Int(i, 0, MOST - 1, below=True), MOST, 1)


def down(body):
    i = body.name("i")
    head = body.rng.choice([
        "for (int %s = n - 1; %s >= 0; %s--)" % (i, i, i),
        "for (int %s = n; %s-- > 0;)" % (i, i),
    ])
    return head, Int(i, 0, MOST - 1, below=True), MOST, 1


def stride(body):
    i, by = body.name("i"), body.rng.randint(2, 3)
    if body.chance(0.5):
        head = "for (int %s = 0; %s < n; %s += %d)" % (i, i, i, by)
    else:
        head = "for (int %s = n - 1; %s >= 0; %s -= %d)" % (i, i, i, by)
    return head, Int(i, 0, MOST - 1, below=True), 5, 1


def later(body):
    """Not from the first."""
    i, first = body.name("i"), body.rng.randint(1, 2)
    return ("for (int %s = %d; %s < n; ++%s)" % (i, first, i, i),
            Int(i, first, MOST - 1, below=True), MOST, first + 1)


def unsigned(body):
    if not body.has("size_t"):
        return up(body)
    i = body.name("i")
    return ("for (size_t %s = 0; %s < (size_t)n; %s++)" % (i, i, i),
            Int(i, 0, MOST - 1, below=True, type="size_t"), MOST, 1)


def triangle(body):
    outer = body.rng.choice([i for i in body.ints if i.below])
    i, o = body.name("i"), outer.text
    if outer.type != "int":
        o = "(int)" + o
    form = body.rng.randrange(4)
    low = 0
    if form == 0:
        head = "for (int %s = 0; %s < %s; %s++)" % (i, i, o, i)
    elif form == 1:
        head = "for (int %s = 0; %s <= %s; %s++)" % (i, i, o, i)
    elif form == 2:
        head = "for (int %s = %s + 1; %s < n; %s++)" % (i, o, i, i)
        low = 1
    else:
        head = "for (int %s = %s; %s >= 0; %s--)" % (i, o, i, i)
    return head, Int(i, low, MOST - 1, below=True), MOST, 1


def fixed(body):
    i, count = body.name("i"), body.rng.randint(2, 5)
    type = "size_t" if body.has("size_t") and body.chance(0.3) else "int"
    return ("for (%s %s = 0; %s < %d; %s++)" % (type, i, i, count, i),
            Int(i, 0, count - 1, type=type), count, 0)


def fixed_down(body):
    i, count = body.name("i"), body.rng.randint(2, 5)
    if body.has("size_t") and body.chance(0.5):
        return ("for (unsigned %s = %d; %s-- > 0;)" % (i, count, i),
                Int(i, 0, count - 1, type="unsigned"), count, 0)
    return ("for (int %s = %d; %s >= 0; --%s)" % (i, count - 1, i, i),
            Int(i, 0, count - 1), count, 0)


def by_integer(body):
    """The bound may change in the body, but stays in its own range."""
    bound = body.rng.choice([i for i in body.ints
                             if i.low >= 0 and i.high > 0])
    i = body.name("i")
    text = bound.text if bound.type == "int" else "(int)" + bound.text
    return ("for (int %s = 0; %s < %s; %s++)" % (i, i, text, i),
            Int(i, 0, bound.high - 1, below=bound.below), int(bound.high), 0)


# ---- Loops with an end that data decides ----

def while_loop(body):
    most = body.rng.randint(2, 6)
    if not st.room(body, 2) or not affordable(body, most):
        return False
    count = body.name("k")
    inside = body.chance(0.6)
    if inside:
        test = "%s < %d && %s" % (count, most, condition(body))
    else:
        test = "%s++ < %d && %s" % (count, most, condition(body))
    moving = place(body, write=True)
    body.emit("int %s = 0;" % count)
    with body.block("while (%s)" % test, most, "loop"):
        if inside:
            body.emit("%s++;" % count)
        counter = Int(count, 1, most)
        body.ints.append(counter)
        if moving:
            body.emit("%s *= %s;" % (moving.text,
                                     constant(body, 0.3, 0.9).text))
        st.statements(body, 3)
    body.ints.append(Int(count, 0, most + (not inside)))
    return None


def do_loop(body):
    most = body.rng.randint(2, 5)
    if not st.room(body, 2) or not affordable(body, most):
        return False
    count = body.name("k")
    body.emit("int %s = 0;" % count)
    first = body.chance(0.5)
    test = "%s < %d" % (count if first else "++" + count, most)
    if body.chance(0.6):
        test += " && " + condition(body)
    with body.block("do", most, "loop", "} while (%s);" % test):
        if first:
            body.emit("%s++;" % count)
        counter = Int(count, 0, most)
        body.ints.append(counter)
        st.assign(body)
        st.statements(body, 3)
    body.ints.append(Int(count, 0, most))
    return None


def endless_loop(body):
    """Left by break alone."""
    most = body.rng.randint(2, 5)
    if not st.room(body, 3) or not affordable(body, most):
        return False
    count = body.name("k")
    body.emit("int %s = 0;" % count)
    head = body.rng.choice(["for (;;)", "while (1)"])
    with body.block(head, most + 1, "loop"):
        lines = body.frees(body.jumps[-1][1]) + ["break;"]
        st.guarded(body, "%s >= %d" % (count, most), lines)
        body.emit("%s++;" % count)
        body.ints.append(Int(count, 1, most))
        st.assign(body)
        st.break_out(body)
        st.statements(body, 2)
    body.ints.append(Int(count, 0, most))
    return None


def shrinking_loop(body):
    """The body changes the bound."""
    if not body.sized or not st.room(body, 2) or not affordable(body, MOST):
        return False
    i, bound = body.name("i"), body.name("k")
    grows = body.chance(0.4)
    body.emit("int %s = %s;" % (bound, "n / 2" if grows else "n"))
    with body.block("for (int %s = 0; %s < %s; %s++)" % (i, i, bound, i),
                    MOST, "loop"):
        body.least = max(body.least, 1)
        body.ints.append(Int(i, 0, MOST - 1, below=True))
        change = "%s++;" if grows else "%s--;"
        test = condition(body)
        if grows:
            test = "%s < n && %s" % (bound, test)
        st.guarded(body, test, [change % bound])
        st.assign(body)
        st.statements(body, 2)
    body.ints.append(Int(bound, 0, MOST))
    return None


def two_ended_loop(body):
    if not body.sized or not affordable(body, 5):
        return False
    i, j = body.name("i"), body.name("j")
    with body.block("for (int %s = 0, %s = n - 1; %s < %s; %s++, %s--)" %
                    (i, j, i, j, i, j), 5, "loop"):
        body.least = max(body.least, 2)
        body.ints += [Int(i, 0, MOST - 1, below=True),
                      Int(j, 0, MOST - 1, below=True)]
        st.assign(body)
        st.exchange(body)
        st.statements(body, 2)
    return None

