"""kernels.py - loops of the forms that the optimiser looks for: iterations
that meet in sums and have loops inside, with scratch arrays (which become
lanes); adjacent loops over the same numbers (which are joined); steps that
overwrite a state which they read several times (whose memory is restored);
triangular loops in place.
"""
from contextlib import contextmanager

from . import loops, memory
from . import statements as st
from .expressions import bounded, condition, expr, state
from .places import one_dimensional
from .scope import KINDS, MOST, Array, Cap, Float, Int
from .values import LIMIT, SUFFIX, Value, multiply, number


@contextmanager
def only(body, arrays, floats=()):
    """Expressions read these, and accumulators, alone."""
    kept = {kind: list(getattr(body, kind)) for kind in KINDS}
    body.arrays, body.floats = list(arrays), list(floats)
    body.structs, body.struct_arrays = [], []
    with body.visible():
        yield
    for kind, entries in kept.items():
        setattr(body, kind, entries)


def apart(body, arrays):
    """Those of them that are no other's memory."""
    return [a for a in arrays if not a.shared and "[" not in a.text]


def readable(body):
    return apart(body, [a for a in one_dimensional(body)])


def totals(body):
    return [f for f in body.floats if f.accumulator]


def fraction(body, type, low=0.2, high=0.5):
    return number(body.rng.uniform(low, high)) + SUFFIX[type]


def new_array(body, type, cap, cleared=False):
    """A local one: of fixed or variable length, or on the heap."""
    name, length = body.name("a"), cap.text(body.size)
    if not cap.sized:
        body.emit("%s %s[%s]%s;" % (type, name, length,
                                    " = {0}" if cleared else ""))
        return Array(name, type, [cap])
    count = "(size_t)(%s)" % length
    if body.chance(0.4) and not cleared and cap.base:
        body.emit("%s %s[%s];" % (type, name, length))
        return Array(name, type, [cap])
    take = "calloc(%s, sizeof *%s)" if cleared else "malloc(%s * sizeof *%s)"
    body.emit("%s *%s = %s;" % (type, name, take % (count, name)))
    body.heap.append(name)
    return Array(name, type, [cap])


def bounds(body):
    """Of a loop over an array: (length, its Cap), n mostly."""
    if body.sized and body.chance(0.75):
        return Cap(body.rng.randint(0, 1), True)
    return Cap(body.rng.randint(3, 6))


def counter(cap, name, low=0):
    return Int(name, low, memory.most(cap) - 1,
               below=cap.sized and cap.base == 0)


# ---- Iterations that become lanes ----

def lanes(body):
    """for i: scratch arrays, loops inside, and sums."""
    if not body.sized or body.trips > 1 or not st.room(body, 1) or \
            not totals(body):
        return False
    sources, type = readable(body), st.any_type(body)
    count = body.rng.randint(3, 6)
    outside = body.chance(0.4)
    scratch = new_array(body, type, Cap(count)) if outside else None
    summed = new_array(body, type, Cap(count), True) if body.chance(0.3) \
        else None
    i = body.name("i")
    first = body.rng.choice([0, 0, 0, 1])
    variables = active(body)
    index = "size_t" if body.has("size_t") and body.chance(0.3) else "int"
    bound = "(size_t)n" if index == "size_t" else "n"
    total = own_total(body) if body.depth == 1 and body.own_totals is not None \
        else body.rng.choice(totals(body))
    with body.block("for (%s %s = %d; %s < %s; %s++)" %
                    (index, i, first, i, bound, i), MOST):
        body.least = max(body.least, 1)
        with only(body, sources):
            body.ints = [k for k in body.ints if k.low >= 0 and
                         not k.mutable]
            body.ints.append(Int(i, first, MOST - 1, True, type=index))
            lane_body(body, scratch, type, count, total, summed, variables)
    if summed:
        body.arrays.append(summed)
    return None


def active(body):
    """(arrays, floats) that derivatives are taken by, where that is known."""
    names = {p.name for p in body.program.parameters if p.active} \
        if body.own_totals is not None else None
    if names is None:
        return readable(body), []
    return [a for a in readable(body) if a.text in names], \
        [f for f in body.floats if f.text in names]


def own_total(body):
    """A sum that nothing reads but the result: its weight is a constant."""
    type, name = st.any_type(body), body.name("s")
    body.emit("%s %s = %s;" % (type, name, body.rng.choice(["0", "0.25"])))
    body.own_totals.append(Float(name, type, accumulator=True))
    return body.own_totals[-1]


def lane_body(body, scratch, type, count, total, summed, variables):
    """What one iteration does."""
    if not scratch:
        scratch = new_array(body, type, Cap(count))
    j = body.name("i")
    with body.visible():
        body.emit("for (int %s = 0; %s < %d; %s++)" % (j, j, count, j))
        body.ints.append(Int(j, 0, count - 1))
        own = of_lane(body)
        with only(body, *variables):
            body.emit("%s[%s] = %s(%s + %s);" % (
                scratch.text, j, body.rng.choice(["sin", "tanh"]), own,
                state(body, 1).at(9)), 1)
    body.arrays.append(scratch)
    for _ in range(body.rng.randint(1, 3)):
        body.rng.choice([pairs, pairs, own_branch, rewritten, kept])(
            body, scratch, type, count)
    value = of_scratch(body, scratch, count)
    if summed:
        with body.visible():
            j = body.name("i")
            body.emit("for (int %s = 0; %s < %d; %s++)" % (j, j, count, j))
            body.ints.append(Int(j, 0, count - 1))
            body.emit("%s[%s] += 0.05%s * %s;" % (
                summed.text, j, SUFFIX[type], state(body, 1).at(10)), 1)
    body.emit("%s += %s;" % (total.text, value.text))
    if body.chance(0.06):
        body.emit("%s -= 0.5 * %s[%d];" % (total.text, scratch.text,
                                           body.rng.randrange(count)))


def of_lane(body):
    """Something that each iteration has another of."""
    i = body.ints[-2].text
    arrays = [a for a in body.arrays if a.dims[0].sized and len(a.dims) == 1]
    if arrays and body.chance(0.7):
        return "%s[%s]" % (body.rng.choice(arrays).text, i)
    return "0.3 * (double)" + i


def of_scratch(body, scratch, count):
    at = "%s[%d]" % (scratch.text, body.rng.randrange(count))
    inner = Value(at, -LIMIT, LIMIT, scratch.type)
    return bounded(body, multiply(inner, state(body, 1)))


def pairs(body, scratch, type, count):
    """A sum over pairs of elements, in a variable of the iteration."""
    name, i, j = body.name("v"), body.name("i"), body.name("i")
    body.emit("%s %s = %s;" % (type, name, state(body, 1).text))
    with body.visible():
        body.ints += [Int(i, 1, count - 1), Int(j, 0, count - 2)]
        body.emit("for (int %s = 1; %s < %d; %s++)" % (i, i, count, i))
        body.emit("for (int %s = 0; %s < %s; %s++)" % (j, j, i, j), 1)
        body.emit("%s += %s * sin(%s[%s] * %s[%s] + %s);" % (
            name, fraction(body, type), scratch.text, i, scratch.text, j,
            state(body, 1).at(9)), 2)
    body.emit("%s = tanh(%s);" % (name, name))
    body.floats.append(Float(name, type))


def own_branch(body, scratch, type, count):
    at = body.rng.randrange(count)
    body.emit("if (%s)" % condition(body))
    body.emit("%s[%d] = %s;" % (scratch.text, at, state(body).text), 1)
    if body.chance(0.5):
        body.emit("else")
        body.emit("%s[%d] *= %s;" % (scratch.text, count - 1,
                                     fraction(body, type)), 1)


def rewritten(body, scratch, type, count):
    """From the second element on, by the one before."""
    i = body.name("i")
    with body.visible():
        body.emit("for (int %s = 1; %s < %d; %s++)" % (i, i, count, i))
        body.ints.append(Int(i, 1, count - 1))
        body.emit("%s[%s] = 0.4%s * %s[%s] + sin(%s[%s - 1] + %s);" % (
            scratch.text, i, SUFFIX[type], scratch.text, i, scratch.text, i,
            state(body, 1).at(9)), 1)


def kept(body, scratch, type, count):
    """An integer of the iteration that counts along."""
    name, i = body.name("k"), body.name("i")
    body.emit("int %s = 0;" % name)
    body.emit("for (int %s = 0; %s < %d; %s++)" % (i, i, count, i))
    body.emit("%s += %s[%s] > %s;" % (name, scratch.text, i,
                                      fraction(body, type)), 1)
    body.ints.append(Int(name, 0, count))


# ---- Adjacent loops ----

def adjacent(body):
    """Loops over the same numbers, each with an array of its own."""
    cap = bounds(body)
    most = memory.most(cap)
    if not loops.affordable(body, most) or not st.room(body, 1) or \
            not totals(body) or \
            (body.trips > 1 and not body.has("heap_in_loop")):
        return False
    length, sources, made = cap.text(body.size), readable(body), []
    caps = Cap(cap.base + body.rng.randint(0, 1), cap.sized)
    for number_ in range(body.rng.randint(2, 4)):
        type = st.any_type(body)
        target = None
        if made and body.chance(0.3):
            target = body.rng.choice(made)
        elif body.chance(0.85) or not made:
            target = new_array(body, type, caps)
        i = body.name("i")
        head = "for (int %s = 0; %s < %s; %s++)" % (i, i, length, i)
        if body.chance(0.1):
            end = length if length.isalnum() else "(%s)" % length
            head = "for (int %s = %s - 1; %s >= 0; %s--)" % (i, end, i, i)
        with only(body, sources + made,
                  [f for f in body.floats if f.local]):
            body.emit(head)
            outer, body.trips = body.trips, body.trips * most
            least, body.least = body.least, max(body.least, 1 - cap.base)
            body.ints.append(counter(cap, i))
            one_loop(body, target, target in made, i)
            body.trips, body.least = outer, least
        if target and target not in made:
            target.dims = [cap]
            made.append(target)
        if body.chance(0.25):
            st.declare_float(body)
    body.arrays += made
    return None


def one_loop(body, target, known, i):
    value = state(body)
    if target is None:
        body.emit("%s += %s;" % (totals(body)[0].text, value.text), 1)
    elif known and body.chance(0.5):
        body.emit("%s[%s] = 0.4%s * %s[%s] + %s;" % (
            target.text, i, SUFFIX[target.type], target.text, i,
            state(body, 2, 1.7).at(9)), 1)
    elif value.text != "%s[%s]" % (target.text, i):
        body.emit("%s[%s] = %s;" % (target.text, i, value.text), 1)
    else:
        body.emit("%s[%s] *= %s;" % (target.text, i,
                                     fraction(body, target.type)), 1)


# ---- Steps that overwrite what they read ----

def stepped(body):
    """The array that the steps change: one that is there, or a new one."""
    arrays = [a for a in readable(body) if a.writable]
    if arrays and body.chance(0.5):
        array = body.rng.choice(arrays)
        if array.dims[0].sized or array.dims[0].base > 1:
            return array
    cap = bounds(body)
    array = new_array(body, st.any_type(body), cap)
    memory.fill(body, array.text, [cap.text(body.size)], [cap])
    body.arrays.append(array)
    return array


def steps(body):
    """for t: k from y; y from k and y."""
    trips = body.rng.randint(2, 5)
    if not loops.affordable(body, 2 * trips * (MOST + 2)) or \
            not st.room(body, 1) or not totals(body) or \
            (body.trips > 1 and not body.has("heap_in_loop")):
        return False
    y = stepped(body)
    cap, rest = y.dims[0], [a for a in readable(body) if a.text != y.text]
    rest = body.rng.sample(rest, min(len(rest), 1))
    inside = body.chance(0.5) and not cap.sized
    k = None if inside else new_array(body, y.type, cap)
    t, total = body.name("i"), body.rng.choice(totals(body))
    ahead = step_head(body, t, trips)
    with body.block(ahead, trips, "loop"):
        body.ints.append(Int(t, 0, trips - 1))
        if inside:
            k = new_array(body, y.type, cap)
        each(body, cap, k.text, [y] + rest)
        if body.chance(0.3):
            each(body, cap, y.text, [y, k], 0.4)
        each(body, cap, y.text, [y, k, k], 0.5)
        with only(body, [y], []):
            body.emit("%s += %s;" % (total.text, state(body, 1).text))
        if not body.is_read(k.text):
            body.emit("(void)%s;" % k.text)
        if body.chance(0.3):
            st.break_out(body)
    return None


def step_head(body, t, trips):
    if body.chance(0.7):
        return "for (int %s = 0; %s < %d; %s++)" % (t, t, trips, t)
    body.emit("int %s = -1;" % t)
    return "while (++%s < %d && %s)" % (t, trips, condition(body))


def each(body, cap, target, arrays, share=None):
    """for i: target[i] = [share * target[i] +] something of the arrays."""
    i, length = body.name("i"), cap.text(body.size)
    first = 1 if body.chance(0.2) and share else 0
    with only(body, arrays, []):
        body.emit("for (int %s = %d; %s < %s; %s++)" % (i, first, i, length,
                                                       i))
        outer, body.trips = body.trips, body.trips * memory.most(cap)
        least = body.least
        if cap.sized:
            body.least = max(body.least, 1 + first - cap.base, 0)
        body.ints = [counter(cap, i, first)]
        here, type = "%s[%s]" % (target, i), arrays[0].type
        if share is None:
            value = bounded(body, expr(body, 3))
            body.emit("%s = %s;" % (here, value.text), 1)
        else:
            form = body.rng.choice(["%s = %s%s * %s + %s;"] * 2 +
                                   ["%s = %s%s * sin(%s) - %s;"])
            body.emit(form % (here, share, SUFFIX[type], here,
                              state(body, 2, 1.4).at(10)), 1)
        body.trips, body.least = outer, least


# ---- Triangular loops in place ----

def solved(body):
    """Each element from all that are before it, as in a substitution."""
    arrays = [a for a in readable(body) if a.writable and
              (a.dims[0].sized or a.dims[0].base > 2)]
    if not arrays or not loops.affordable(body, MOST * MOST):
        return False
    array = body.rng.choice(arrays)
    cap = array.dims[0]
    sources = [a for a in readable(body) if a.text != array.text]
    i, j, name = body.name("i"), body.name("i"), body.name("v")
    length = cap.text(body.size)
    end = length if length.isalnum() else "(%s)" % length
    down = body.chance(0.4)
    head = "for (int %s = %s - 1; %s >= 0; %s--)" % (i, end, i, i) if down \
        else "for (int %s = 0; %s < %s; %s++)" % (i, i, length, i)
    inner = "for (int %s = %s + 1; %s < %s; %s++)" % (j, i, j, length, j) \
        if down else "for (int %s = 0; %s < %s; %s++)" % (j, j, i, j)
    with body.block(head, memory.most(cap)):
        if cap.sized:
            body.least = max(body.least, 1 - cap.base)
        with only(body, sources, []):
            body.ints = [counter(cap, i)]
            body.emit("%s %s = %s[%s];" % (array.type, name, array.text, i))
            body.emit(inner)
            body.ints.append(counter(cap, j))
            body.emit("%s -= %s * %s * %s[%s];" % (
                name, fraction(body, array.type), state(body, 1, 1.0).at(10),
                array.text, j), 1)
            tamed = Value(name, -40, 40, array.type)
            body.emit("%s[%s] = %s;" % (array.text, i,
                                        bounded(body, tamed, 1.5).text))
    return None


def start_with(body):
    """Some of them, where the parameters still are as they came."""
    for kind, feature in ((lanes, "lanes"), (adjacent, "adjacent"),
                          (steps, "steps"), (solved, "triangular")):
        if body.has(feature) and body.chance(0.7):
            kind(body)


st.KINDS += [(lanes, 5, "lanes"), (adjacent, 4, "adjacent"),
             (steps, 4, "steps"), (solved, 2, "triangular")]
