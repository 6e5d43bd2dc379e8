"""memory.py - arrays on the heap, pointers, buffers, and memory moved by
the C library."""
from . import loops, records
from . import statements as st
from .expressions import condition, state
from .places import int_bound, known, one_dimensional, place
from .scope import MOST, Array, Cap, Float, Int, Struct
from .values import number, SUFFIX


def most(cap):
    return cap.base + (MOST if cap.sized else 0)


def const(writable):
    return "" if writable else "const "


def fill(body, name, lengths, caps):
    """Sets all elements of a new array."""
    heads, at, trips = [], name, 1
    counters = []
    for length, cap in zip(lengths, caps):
        i = body.name("i")
        heads.append("for (int %s = 0; %s < %s; %s++)" % (i, i, length, i))
        at += "[%s]" % i
        trips *= most(cap)
        counters.append(Int(i, 0, most(cap) - 1,
                            below=cap.sized and cap.base == 0))
    with body.visible():
        for depth, head in enumerate(heads):
            body.emit(head, depth)
        outer = body.trips
        body.trips *= trips
        body.ints += counters
        body.emit("%s = %s;" % (at, state(body, 1).text), len(heads))
        body.trips = outer


def heap_array(body):
    if body.trips > 1 and not body.has("heap_in_loop"):
        return False
    sized = body.sized and body.chance(0.6)
    cap = Cap(body.rng.randint(0, 2), True) if sized else \
        Cap(body.rng.randint(1, 5))
    if not loops.affordable(body, most(cap)):
        return False
    type, name = st.any_type(body), body.name("h")
    length = cap.text(body.size)
    count = "(size_t)%s" % (length if length.isalnum() else "(%s)" % length)
    if not sized:
        count = length
    clear = body.chance(0.3)
    if clear:
        body.emit("%s *%s = calloc(%s, sizeof *%s);" % (type, name, count,
                                                        name))
    else:
        size = "sizeof *" + name if body.chance(0.5) else \
            "sizeof(%s)" % type
        body.emit("%s *%s = malloc(%s * %s);" % (type, name, count, size))
    if body.chance(0.3) and not isinstance(body.result, records.Record):
        # calloc and malloc of nothing may give NULL, which is no failure.
        test = "!%s && n > 0" % name if sized and cap.base == 0 else \
            "!%s" % name
        st.guarded(body, test, body.frees() +
                   ["return 0;" if body.result else "return;"])
    body.heap.append(name)
    if not clear:
        fill(body, name, [length], [cap])
    body.arrays.append(Array(name, type, [cap]))
    return None


# ---- Pointers ----

def share(body, *arrays):
    for array in arrays:
        array.shared = True
        for known_one in body.arrays:
            if known_one.root == array.root:
                known_one.shared = True


def pointer_into(body):
    """A pointer to an array, its middle, or a row."""
    choices = list(one_dimensional(body))
    if not choices:
        return False
    array = body.rng.choice(choices)
    cap = array.dims[0]
    shift = body.rng.randint(0, max(0, cap.base - 1))
    name = body.name("p")
    form = "%s + %d" if body.chance(0.5) else "&%s[%d]"
    text = form % (array.text, shift) if shift else array.text
    body.emit("%s%s *%s = %s;" % (const(array.writable), array.type, name,
                                  text))
    share(body, array)
    body.arrays.append(Array(name, array.type,
                             [Cap(cap.base - shift, cap.sized)],
                             array.writable, shared=True))
    return None


def common(first, second):
    """The length that both surely have, or None."""
    if first.sized and second.sized:
        return Cap(min(first.base, second.base), True)
    least = min(first.base, second.base)
    return Cap(least) if least > 0 else None


def two_arrays(body):
    """(first, second, common Cap) of one type and different memory."""
    arrays = list(one_dimensional(body))
    body.rng.shuffle(arrays)
    for first in arrays:
        for second in arrays:
            if first.root != second.root and first.type == second.type:
                cap = common(first.dims[0], second.dims[0])
                if cap:
                    return first, second, cap
    return None


def pointer_chosen(body):
    found = two_arrays(body)
    if not found:
        return False
    first, second, cap = found
    writable = first.writable and second.writable
    name = body.name("p")
    declared = "%s%s *%s" % (const(writable), first.type, name)
    if body.chance(0.6):
        body.emit("%s = %s ? %s : %s;" % (declared, condition(body),
                                          first.text, second.text))
    else:
        body.emit("%s = %s;" % (declared, first.text))
        body.emit("if (%s)" % condition(body))
        body.emit("%s = %s;" % (name, second.text), 1)
    share(body, first, second)
    body.arrays.append(Array(name, first.type, [cap], writable, shared=True))
    return None


def address(body, type=None):
    """(text, type, root) of a pointer to some place, or None."""
    found = place(body, write=True)
    if not found or (type and found.type != type):
        return None
    if found.array:
        share(body, found.array)
    text = found.text[1:] if found.text[0] == "*" else "&" + found.text
    return text, found.type, found.root


def pointer_to_scalar(body):
    found = address(body)
    if not found:
        return False
    text, type, _ = found
    name = body.name("p")
    other = address(body, type) if body.chance(0.4) else None
    if other and other[0] != text:
        text = "%s ? %s : %s" % (condition(body), text, other[0])
    body.emit("%s *%s = %s;" % (type, name, text))
    target = "*" + name
    if body.has("pointer_arrays") and body.chance(0.3):
        twice = body.name("p")
        body.emit("%s **%s = &%s;" % (type, twice, name))
        target = "**" + twice
    body.floats.append(Float(target, type, local=False))
    return None


def struct_pointer(body):
    texts = []
    candidates = {s.record.name: s.record for s in body.structs if s.writable}
    if not candidates:
        return False
    record = candidates[body.rng.choice(sorted(candidates))]
    for _ in range(2):
        found = records.struct_address(body, record, True)
        if found and found[0] not in texts:
            texts.append(found[0])
    if not texts:
        return False
    name = body.name("p")
    text = texts[0]
    if len(texts) == 2:
        text = "%s ? %s : %s" % (condition(body), texts[0], texts[1])
    body.emit("%s *%s = %s;" % (record.name, name, text))
    body.structs += list(records.nested(body, Struct(name, record,
                                                     arrow=True)))
    return None


def walk(body):
    """A pointer that walks along an array."""
    choices = [a for a in one_dimensional(body)
               if loops.affordable(body, most(a.dims[0]))]
    if not choices or not st.room(body, 2):
        return False
    array = body.rng.choice(choices)
    length, count = int_bound(body, array.dims[0])
    if length is None:
        return False
    p = body.name("p")
    declared = "%s%s *%s" % (const(array.writable), array.type, p)
    end = "%s + %s" % (array.text, length)
    form = body.rng.randrange(4)
    share(body, array)
    if form == 0:
        head = "for (%s = %s; %s < %s; %s++)" % (declared, array.text, p,
                                                 end, p)
    elif form == 1:
        head = "for (%s = %s; %s > %s;)" % (declared, end, p, array.text)
    else:
        return walk_by_hand(body, array, p, declared, end, count)
    with body.block(head, count, "loop"):
        if form == 1:
            body.emit("%s--;" % p)
        body.floats.append(Float("*" + p, array.type, array.writable,
                                 local=False))
        st.assign(body)
        st.statements(body, 2)
    return None


def walk_by_hand(body, array, p, declared, end, count):
    """*p++ in the loop's body."""
    totals = [f for f in body.floats if f.accumulator]
    with body.visible():
        body.emit("%s = %s;" % (declared, array.text))
        with body.block("while (%s < %s)" % (p, end), count, "loop"):
            value = state(body, 1).text
            if array.writable and body.chance(0.6):
                body.emit("*%s++ = %s;" % (p, value))
            elif totals:
                body.emit("%s += *%s++ * %s;" % (totals[0].text, p,
                                                 state(body, 1).at(10)))
            else:
                body.emit("%s++;" % p)
            st.statements(body, 1)
    return None


def swap_buffers(body):
    """Two buffers that take turns."""
    arrays = [a for a in one_dimensional(body, None, True)]
    pairs = [(a, b) for a in arrays for b in arrays
             if a.root != b.root and a.type == b.type]
    trips = body.rng.randint(1, 4)
    if not pairs or not loops.affordable(body, trips * (MOST + 2)):
        return False
    first, second = body.rng.choice(pairs)
    cap = common(first.dims[0], second.dims[0])
    if not cap:
        return False
    length = cap.text(body.size)
    names = [body.name("p") for _ in range(3)]
    now, then, hold = names
    body.emit("%s *%s = %s, *%s = %s;" % (first.type, now, first.text, then,
                                          second.text))
    share(body, first, second)
    i, j = body.name("i"), body.name("i")
    views = [Array(name, first.type, [cap], shared=True)
             for name in (now, then)]
    with body.block("for (int %s = 0; %s < %d; %s++)" % (i, i, trips, i),
                    trips):
        body.arrays.append(views[0])
        body.ints.append(Int(i, 0, trips - 1))
        with body.block("for (int %s = 0; %s < %s; %s++)" % (j, j, length, j),
                        most(cap)):
            body.ints.append(Int(j, 0, most(cap) - 1, below=cap.sized and
                                 cap.base == 0))
            if cap.sized:
                body.least = max(body.least, 1 - cap.base)
            body.emit("%s[%s] = %s;" % (then, j, state(body).text))
        body.emit("%s *%s = %s;" % (first.type, hold, now))
        body.emit("%s = %s;" % (now, then))
        body.emit("%s = %s;" % (then, hold))
    body.arrays.append(views[0])
    return None


def pointer_array(body):
    """Arrays chosen by an index."""
    found = two_arrays(body)
    if not found or not (found[0].writable and found[1].writable):
        return False
    first, second, cap = found
    name = body.name("p")
    texts = [first.text, second.text]
    if body.chance(0.3):
        texts.append(first.text)
    body.emit("%s *%s[%d] = {%s};" % (first.type, name, len(texts),
                                      ", ".join(texts)))
    share(body, first, second)
    body.arrays.append(Array(name, first.type, [Cap(len(texts)), cap],
                             shared=True))
    return None


# ---- Moving memory ----

def copy_memory(body):
    roll = body.rng.random()
    if roll < 0.5:
        found = two_arrays(body)
        if not found:
            return False
        first, second, cap = found
        if not first.writable or first.shared or second.shared:
            return False
        name = "memmove" if body.has("overlap") else \
            body.rng.choice(["memcpy", "memmove"])
        body.emit("%s(%s, %s, %s);" % (name, first.text, second.text,
                                       bytes_of(body, first, cap)))
        return None
    arrays = [a for a in one_dimensional(body, None, True)]
    if not arrays:
        return False
    array = body.rng.choice(arrays)
    count = known(body, array.dims[0])
    if roll < 0.75 and count > 1:
        shift = body.rng.randint(1, count - 1)
        ends = ["%s + %d" % (array.text, shift), array.text]
        body.rng.shuffle(ends)
        body.emit("memmove(%s, %s, %d * sizeof(%s));" % (
            ends[0], ends[1], count - shift, array.type))
        return None
    body.emit("memset(%s, 0, %s);" % (array.text,
                                      bytes_of(body, array, array.dims[0])))
    return None


def bytes_of(body, array, cap):
    if cap.sized:
        return "(size_t)n * sizeof(%s)" % array.type
    return "%d * sizeof(%s)" % (cap.base, array.type)


def scan_in_place(body):
    """Each element becomes a function of its neighbour's new value."""
    arrays = [a for a in one_dimensional(body, None, True)
              if loops.affordable(body, most(a.dims[0])) and
              (a.dims[0].sized or a.dims[0].base > 2)]
    if not arrays:
        return False
    array = body.rng.choice(arrays)
    cap = array.dims[0]
    length, i = cap.text(body.size), body.name("i")
    end = length if length.isalnum() else "(%s)" % length
    ahead = body.chance(0.5)
    if ahead:
        head = "for (int %s = 1; %s < %s; %s++)" % (i, i, length, i)
    else:
        head = "for (int %s = %s - 1; %s > 0; %s--)" % (i, end, i, i)
    text = array.text
    with body.block(head, most(cap)):
        body.ints.append(Int(i, 1, most(cap) - 1,
                             below=cap.sized and cap.base == 0))
        if cap.sized:
            body.least = max(body.least, 2 - cap.base, 0)
        near, here = "%s[%s - 1]" % (text, i), "%s[%s]" % (text, i)
        if not ahead:
            near, here = here, near
        share_ = number(body.rng.uniform(0.2, 0.5)) + SUFFIX[array.type]
        form = body.rng.randrange(4)
        rest = state(body, 1, 1.4).at(10)
        if form == 0:
            body.emit("%s = %s * %s + %s;" % (here, share_, near, rest))
        elif form == 1:
            body.emit("%s = %s * %s * %s + %s;" % (here, "0.1", near, here,
                                                   rest))
        elif form == 2:
            body.emit("%s *= %s * %s;" % (here, "0.3", near))
        else:
            body.emit("%s = sin(%s + %s * %s);" % (here, near, share_, rest))
    return None

