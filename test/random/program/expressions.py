"""expressions.py - random expressions of floating and integer type.

All are free of side effects, so that C's order of evaluation is no matter.
"""
from . import values as v
from .places import read_place
from .scope import MOST
from .values import LIMIT, Value


def constant(body, low, high, type=None):
    """An irregular number: never one that a computation ends in by chance."""
    while True:
        value = v.literal(body.rng.uniform(low, high), type or const_type(body))
        if value.low != 0:
            return value


def const_type(body):
    """Most programs mix types; those of float write their constants so."""
    main = body.program.type
    return main if body.chance(0.8) else "double"


# ---- Floating ----

def expr(body, depth=2):
    """Any expression; its range may be large, but is known."""
    roll = body.rng.random()
    if depth <= 0 or roll < 0.18:
        return leaf(body)
    if roll < 0.60:
        return binary(body, depth)
    if roll < 0.85:
        return function(body, depth)
    if roll < 0.90 and body.has("ternary"):
        return ternary(body, depth)
    if roll < 0.95 and body.has("helpers"):
        return helper_value(body) or leaf(body)
    if roll < 0.97 and body.has("casts"):
        type = body.rng.choice(body.program.types)
        return v.convert(expr(body, depth - 1), type)
    if roll < 0.985:
        return v.negate(expr(body, depth - 1))
    return binary(body, depth)


def leaf(body):
    roll = body.rng.random()
    if roll < 0.8:
        found = read_place(body)
        if found:
            return found
    if roll < 0.88 and body.has("int_values"):
        found = int_as_float(body)
        if found:
            return found
    totals = [f for f in body.floats if f.accumulator]
    if totals and body.chance(0.5):
        total = body.rng.choice(totals)
        inner = Value(total.text, -1e3, 1e3, total.type)
        return v.call("sin", total.type, [inner], -1, 1)
    return constant(body, -1.5, 1.5)


def int_as_float(body):
    number = int_expr(body, 1)
    if number is None or number.size > 100:
        return None
    factor = constant(body, 0.02, 0.3)
    value = Value(number.text, number.low, number.high, factor.type,
                  number.level)
    form = body.rng.randrange(3)
    if form == 0 and number.low >= 0:
        one = Value("%s + 1" % number.at(v.ADD), number.low + 1,
                    number.high + 1, factor.type, v.ADD)
        return v.divide(constant(body, 0.5, 1.5), one)
    return v.multiply(factor, value)


def binary(body, depth):
    left = expr(body, depth - 1)
    roll = body.rng.random()
    if roll < 0.12:
        return v.multiply(constant(body, 0.1, 2), left)
    right = expr(body, depth - 1)
    if roll < 0.38:
        return v.add(left, right)
    if roll < 0.55:
        return v.add(left, right, minus=True)
    if roll < 0.85:
        product = v.multiply(left, right)
        return product if product.size < 30 else bounded(body, product, 5)
    return v.divide(left, nonzero(body, right))


def nonzero(body, value):
    """A denominator made of value."""
    if value.low > 0.3 or value.high < -0.3:
        return value
    if body.chance(0.5) and len(value.text) < 14:
        return v.add(constant(body, 0.6, 2), square(value))
    return positive(body, value)


def square(value):
    product = v.multiply(value, value)
    return Value(product.text, 0, value.size ** 2, value.type, v.MUL)


def positive(body, value, low=0.3):
    """Something of value that is at least low."""
    if value.low >= low:
        return value
    roll = body.rng.randrange(5)
    if roll == 0 and len(value.text) < 14:
        return v.add(constant(body, low, low + 1), square(value))
    if roll == 1:
        inner = v.call("fabs", value.type, [value], 0, value.size)
        return v.add(constant(body, low, low + 1), inner)
    if roll == 2 and low < 0.4:
        inner = bounded(body, value, 1.1)
        return v.call("exp", value.type, [inner], 0.33, 3.1)
    return v.add(value, constant(body, low + 0.05 - value.low,
                                 low + 1 - value.low))


def bounded(body, value, limit=LIMIT):
    """Value, or something of it that is within [-limit, limit]."""
    if value.size <= limit:
        return value
    roll = body.rng.random()
    if roll < 0.4 and value.size < 1e3:
        factor = float("%.3g" % (limit / value.size * 0.99))
        return v.multiply(v.literal(factor, const_type(body)), value)
    if roll < 0.8:
        name = body.rng.choice(["tanh", "sin", "cos", "erf", "atan"])
        size = 1.5708 if name == "atan" else 1.0
        inner = v.call(name, value.type, [value], -size, size)
    else:
        inner = clipped(value, limit)
    if inner.size <= limit:
        return inner
    return v.multiply(v.literal(0.98 * limit / inner.size), inner)


def clipped(value, limit):
    high = v.literal(limit * 0.97, value.type)
    low = v.literal(-limit * 0.97, value.type)
    inner = v.call("fmin", value.type, [value, high], value.low, high.high)
    return v.call("fmax", value.type, [inner, low], low.low, high.high)


def function(body, depth):
    rng = body.rng
    value = expr(body, depth - 1)
    name = rng.choice(FUNCTIONS)
    if name in STRANGE and not body.has("strange"):
        name = rng.choice(["sin", "cos", "tanh", "exp", "sqrt", "log"])
    return FORMS[name](body, name, value, depth)


def helper_value(body):
    from .calls import call_value
    return call_value(body)


def of_any(low, high):
    def build(body, name, value, depth):
        return v.call(name, value.type, [value], low, high)
    return build


def of_bounded(limit, low, high):
    def build(body, name, value, depth):
        inner = bounded(body, value, limit)
        return v.call(name, inner.type, [inner], low, high)
    return build


def of_positive(low, results):
    def build(body, name, value, depth):
        inner = positive(body, value, low)
        bottom, top = results(inner.high)
        return v.call(name, inner.type, [inner], bottom, top)
    return build


def decay(body, name, value, depth):
    """exp of something that is not positive."""
    if len(value.text) < 14 and body.chance(0.5):
        inner = v.negate(square(value))
    else:
        inner = v.negate(v.call("fabs", value.type, [value], 0, value.size))
    return v.call("exp", inner.type, [inner], 0, 1)


def power(body, name, value, depth):
    rng = body.rng
    if rng.random() < 0.4:
        exponent = rng.choice([2, 3])
        inner = bounded(body, value, 2.2)
        top = inner.size ** exponent
        return v.call("pow", inner.type, [inner, v.literal(exponent)],
                      0 if exponent == 2 else -top, top)
    base = bounded_positive(body, value)
    if rng.random() < 0.5:
        exponent = constant(body, -1.5, 2.5)
    else:
        exponent = bounded(body, expr(body, depth - 1), 1.9)
    type = v.wider(base.type, exponent.type)
    return v.call("pow", type, [base, exponent], 0, 20)


def bounded_positive(body, value):
    """Within [0.3, 3.1]."""
    inner = positive(body, value)
    if inner.high <= 3.1:
        return inner
    inner = bounded(body, value, 1.1)
    return v.call("exp", value.type, [inner], 0.33, 3.1)


def with_positive(low, high):
    """hypot and atan2: away from the origin."""
    def build(body, name, value, depth):
        other = positive(body, expr(body, depth - 1))
        type = v.wider(value.type, other.type)
        top = value.size + other.size if high is None else high
        return v.call(name, type, [value, other], low, top)
    return build


def of_two(body, name, value, depth):
    other = expr(body, depth - 1)
    type = v.wider(value.type, other.type)
    size = max(value.size, other.size)
    if name == "fdim":
        return v.call(name, type, [value, other], 0, value.size + other.size)
    return v.call(name, type, [value, other], -size, size)


def fused(body, name, value, depth):
    other, third = expr(body, depth - 1), expr(body, depth - 1)
    type = v.wider(v.wider(value.type, other.type), third.type)
    size = value.size * other.size + third.size
    return v.call(name, type, [value, other, third], -size, size)


def scaled(body, name, value, depth):
    by = v.integer(body.rng.randint(-2, 1))
    return v.call(name, value.type, [value, by], -2 * value.size,
                  2 * value.size)


FORMS = {
    "sin": of_any(-1, 1), "cos": of_any(-1, 1), "tanh": of_any(-1, 1),
    "atan": of_any(-1.58, 1.58), "erf": of_any(-1, 1), "erfc": of_any(0, 2),
    "asinh": of_bounded(50, -4.7, 4.7),
    "exp": of_bounded(2.2, 0.1, 9.1), "exp2": of_bounded(3, 0.1, 8.1),
    "expm1": of_bounded(1.8, -0.9, 5.1), "sinh": of_bounded(2, -3.7, 3.7),
    "cosh": of_bounded(2, 1, 3.8), "tan": of_bounded(1.2, -2.6, 2.6),
    "asin": of_bounded(0.9, -1.2, 1.2), "acos": of_bounded(0.9, 0.4, 2.7),
    "atanh": of_bounded(0.9, -1.5, 1.5), "log1p": of_bounded(0.8, -1.7, 0.6),
    "sqrt": of_positive(0.2, lambda top: (0.4, 1 + top ** 0.5)),
    "cbrt": of_positive(0.2, lambda top: (0.5, 1 + top ** 0.34)),
    "log": of_positive(0.2, lambda top: (-1.7, 1 + top ** 0.5)),
    "log2": of_positive(0.3, lambda top: (-2, 1 + top ** 0.5)),
    "log10": of_positive(0.3, lambda top: (-0.6, 1 + top ** 0.5)),
    "acosh": of_positive(1.2, lambda top: (0.6, 1 + top ** 0.5)),
    "fabs": lambda body, name, value, depth:
        v.call(name, value.type, [value], 0, value.size),
    "decay": decay, "pow": power,
    "hypot": with_positive(0.3, None), "atan2": with_positive(-1.6, 1.6),
    "fmax": of_two, "fmin": of_two, "fdim": of_two, "copysign": of_two,
    "fma": fused, "ldexp": scaled,
    "floor": lambda body, name, value, depth:
        v.call(name, value.type, [value], value.low - 1, value.high),
    "round": lambda body, name, value, depth:
        v.call(name, value.type, [value], value.low - 1, value.high + 1),
}
STRANGE = {"floor", "round", "copysign", "ldexp", "fdim", "erfc", "acosh",
           "cbrt", "log10", "asinh", "atanh", "fma"}
FUNCTIONS = sorted(FORMS) + ["sin", "tanh", "exp", "sqrt", "decay", "log"]


def ternary(body, depth):
    yes, no = expr(body, depth - 1), expr(body, depth - 1)
    text = "%s ? %s : %s" % (condition(body), yes.at(v.CONDITIONAL),
                             no.at(v.CONDITIONAL))
    return Value(text, min(yes.low, no.low), max(yes.high, no.high),
                 v.wider(yes.type, no.type), v.CONDITIONAL)


def state(body, depth=2, limit=LIMIT):
    """An expression that fits a variable's range."""
    return bounded(body, expr(body, depth), limit)


# ---- Integers ----

def int_leaf(body):
    rng = body.rng
    known = [i for i in body.ints]
    roll = rng.random()
    if known and roll < 0.75:
        var = rng.choice(known)
        if var.type == "int":
            return Value(var.text, var.low, var.high, "int")
        return Value("(int)" + var.text, var.low, var.high, "int", v.UNARY)
    if body.sized and roll < 0.85:
        return Value(body.size, body.least, MOST, "int")
    return v.integer(rng.randint(0, 7))


def int_expr(body, depth=2):
    """An expression of type int, far from overflow."""
    rng = body.rng
    if depth <= 0 or rng.random() < 0.3:
        return int_leaf(body)
    left = int_expr(body, depth - 1)
    roll = rng.random()
    if left.low >= 0 and roll < 0.3:
        by = rng.randint(2, 7)
        return Value("%s %% %d" % (left.at(v.MUL), by), 0,
                     min(by - 1, left.high), "int", v.MUL)
    if left.low >= 0 and roll < 0.4:
        mask = rng.choice([1, 3, 7])
        return Value("%s & %d" % (left.at(v.PRIMARY), mask), 0, mask, "int",
                     v.BIT)
    if left.low >= 0 and roll < 0.48:
        by = rng.randint(2, 3)
        return Value("%s / %d" % (left.at(v.MUL), by), left.low // by,
                     left.high // by, "int", v.MUL)
    if left.low >= 0 and left.high <= 7 and roll < 0.55 and \
            body.has("bits") and any(c.isalpha() for c in left.text):
        return bits(body, left)
    if left.low >= 0 and roll < 0.52:
        return Value("%s >> 1" % left.at(v.PRIMARY), left.low >> 1,
                     left.high >> 1, "int", v.SHIFT)
    if roll < 0.6 and body.has("data_int"):
        inner = bounded(body, expr(body, 1), 4)
        return Value("(int)%s" % inner.at(v.UNARY), -4, 4, "int", v.UNARY)
    if roll < 0.65 and body.has("ternary"):
        right = int_expr(body, depth - 1)
        text = "%s ? %s : %s" % (condition(body, 1), left.at(v.CONDITIONAL),
                                 right.at(v.CONDITIONAL))
        return Value(text, min(left.low, right.low),
                     max(left.high, right.high), "int", v.CONDITIONAL)
    right = int_expr(body, depth - 1)
    if right.text == left.text:  # k - k is seen to be 0, and warned of
        return left
    if roll < 0.85:
        result = v.add(left, right, minus=rng.random() < 0.3)
    else:
        result = v.multiply(left, right)
    return result if result.size < 10000 else left


def bits(body, left):
    """Of an integer in [0, 7], another one or something up to 31."""
    form = body.rng.randrange(4)
    if form == 0:
        return Value("(%s ^ %d)" % (left.at(v.PRIMARY),
                                    body.rng.randint(1, 7)), 0, 7, "int")
    if form == 1:
        return Value("(%s | %d) %% 5" % (
            left.at(v.PRIMARY), body.rng.choice([1, 2, 4])), 0, 4, "int",
            v.MUL)
    if form == 2:
        return Value("(~%s & 7)" % left.at(v.PRIMARY), 0, 7, "int")
    return Value("(%s << %d)" % (left.at(v.PRIMARY), body.rng.randint(1, 2)),
                 0, 28, "int")


def int_within(body, high):
    """An expression of type int in [0, high]."""
    value = int_expr(body)
    if value.low >= 0 and value.high <= high:
        return value
    if value.low >= 0:
        text = "%s %% %d" % (value.at(v.MUL), high + 1)
        return Value(text, 0, high, "int", v.MUL)
    shift = -value.low // (high + 1) * (high + 1) + high + 1
    text = "(%s + %d) %% %d" % (value.at(v.ADD), shift, high + 1)
    return Value(text, 0, high, "int", v.MUL)


# ---- Conditions ----

def condition(body, depth=2):
    """Text that can stand before ?: and beside && without parentheses."""
    roll = body.rng.random()
    if depth > 1 and roll < 0.25 and body.has("logic"):
        # Compilers warn of two comparisons of integers that say it all.
        left, right = condition(body, depth - 1), float_condition(body, 1)
        if body.chance(0.5):
            return "(%s && %s)" % (left, right)
        return "(%s || %s)" % (left, right)
    if roll < 0.30 and body.has("logic"):
        return "!(%s)" % condition(body, depth - 1)
    if roll < 0.55:
        return int_condition(body)
    return float_condition(body, depth)


def float_condition(body, depth):
    left = expr(body, min(depth, 1))
    sign = body.rng.choice(["<", ">", "<=", ">="])
    middle = max(-1.0, min(left.high, 1.0, (left.low + left.high) / 2))
    right = constant(body, middle - 0.6, middle + 0.6, "double")
    if body.chance(0.25):
        found = read_place(body)
        if found:
            right = v.add(found, constant(body, -0.5, 0.5))
    return "%s %s %s" % (left.at(v.ADD), sign, right.at(v.ADD))


def int_condition(body):
    left = int_expr(body)
    roll = body.rng.random()
    if roll < 0.4 and left.level == v.BIT:
        return left.at(v.UNARY)  # nonzero means yes
    # Something between the ends, so that both answers can happen: compilers
    # warn of some comparisons that have the same answer always.
    low, high = int(left.low), int(left.high)
    if low == high:
        return "%s == %d" % (left.at(v.ADD), low)
    sign = body.rng.choice(["<", ">", "==", "!=", "<=", ">="])
    high = min(high, low + 8)
    low += sign in ("<", ">=")
    high -= sign in (">", "<=")
    return "%s %s %d" % (left.at(v.ADD), sign,
                         body.rng.randint(low, max(low, high)))
