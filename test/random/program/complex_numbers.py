"""complex_numbers.py - complex locals, computed with and read out again.

A complex variable stays within [-1, 1] in both parts: each statement that may
leave it is followed by a division by 1 + |z|^2.
"""
from . import statements as st  # first: it imports loops
from . import loops
from .expressions import constant, state
from .places import place
from .scope import Float
from .values import MATH_SUFFIX


def of_type(type):
    return "%s complex" % type


def part(name, type, inner):
    """creal(inner) and the like, for this type."""
    return "%s%s(%s)" % (name, MATH_SUFFIX[type], inner)


def made(body, type):
    """A complex expression of two real ones, in [-1, 1]."""
    first, second = state(body, 1, 0.9), state(body, 1, 0.9)
    return "%s + %s * I" % (first.text if first.level >= 8
                            else "(%s)" % first.text, second.at(10))


def declare(body):
    type, name = st.any_type(body), body.name("z")
    body.emit("%s %s = %s;" % (of_type(type), name, made(body, type)))
    body.complexes.append((name, type))
    use(body, name, type)
    return None


def computed(body, name, type):
    """Something of z and perhaps another one, of moderate size."""
    rng = body.rng
    other = rng.choice([z for z, _ in body.complexes])
    kind = rng.randrange(9)
    if kind == 0:
        return "%s * %s + %s" % (name, other, constant(body, -1, 1).text)
    if kind == 1:
        return "%s * %s" % (name, part("conj", type, other))
    if kind == 2:
        return "%s / (%s + 3.5)" % (name, other)
    if kind == 3:
        return "%s * (%s - %s)" % (state(body, 1, 1.0).at(10), name, other)
    if kind == 4:
        function = rng.choice(["cexp", "csin", "ccos", "csinh", "ccosh"])
        return part(function, type, name)
    if kind == 5:
        function = rng.choice(["csqrt", "clog"])
        return part(function, type, "%s + 4" % name)
    if kind == 6:
        return "%s - %s * I" % (name, state(body, 1, 1.0).at(10))
    if kind == 7:
        return "%s * %s + -%s" % (other, other, name)
    return "%s / (2.5 + %s)" % (state(body, 1, 1.0).at(10), name)


def tamed(body, name, type):
    size = part("creal", type, "%s * %s" % (name, part("conj", type, name)))
    body.emit("%s /= 1 + %s;" % (name, size))


def change(body):
    if not body.complexes:
        return declare(body)
    name, type = body.rng.choice(body.complexes)
    form = body.rng.random()
    text = computed(body, name, type)
    if form < 0.3:
        body.emit("%s += %s;" % (name, text))
    elif form < 0.45:
        body.emit("%s *= %s;" % (name, text))
    else:
        body.emit("%s = %s;" % (name, text))
    tamed(body, name, type)
    use(body, name, type)
    return None


def use(body, name, type):
    """Reads real numbers out of it."""
    value = body.name("v")
    form = body.rng.randrange(5)
    if form < 2:
        text = part(["creal", "cimag"][form], type, name)
    elif form == 2:
        text = part("cabs", type, "%s + 2" % name)
    elif form == 3:
        text = "0.5 * " + part("carg", type, "%s + 3" % name)
    else:
        text = part("creal", type, "%s * %s" % (name, part("conj", type,
                                                            name)))
    body.emit("%s %s = %s;" % (type, value, text))
    body.floats.append(Float(value, type))


def array(body):
    """An array of them, and a sum of products of neighbours."""
    if not loops.affordable(body, 4):
        return False
    type, name, total = st.any_type(body), body.name("z"), body.name("z")
    i, j = body.name("i"), body.name("i")
    found = place(body)
    if not found:
        return False
    body.emit("%s %s[4], %s = 0;" % (of_type(type), name, total))
    body.emit("for (int %s = 0; %s < 4; %s++)" % (i, i, i))
    body.emit("%s[%s] = %s * (0.25 + 0.1 * %s * I) + 0.1 * %s;" % (
        name, i, found.text, i, i), 1)
    body.emit("for (int %s = 0; %s < 4; %s++)" % (j, j, j))
    # A weight, for without one the sum is real but for rounding errors.
    body.emit("%s += (0.5 + 0.1 * %s) * %s[%s] * %s;" % (
        total, j, name, j, part("conj", type, "%s[3 - %s]" % (name, j))), 1)
    tamed(body, total, type)
    body.complexes.append((total, type))
    use(body, total, type)
    return None


st.KINDS += [(declare, 1.5, "complex"), (change, 3, "complex"),
             (array, 1, "complex")]
