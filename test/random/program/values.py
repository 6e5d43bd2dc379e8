"""values.py - C expressions as text, with the range that they can have.

Ranges are what keeps the programs well defined: a root is taken of what
cannot be negative, an index stays in its array, an integer never overflows.
"""
# How tightly C's operators bind; what binds less than its place needs gets
# parentheses.
ASSIGN, CONDITIONAL, OR, AND, BIT, EQUAL, LESS, SHIFT, ADD, MUL, UNARY, \
    PRIMARY = range(12)

RANK = {"float": 0, "double": 1, "long double": 2}
SUFFIX = {"float": "f", "double": "", "long double": "L"}
MATH_SUFFIX = {"float": "f", "double": "", "long double": "l"}

# What every variable of floating type stays within: its state can be read
# anywhere, in any order, without growing.
LIMIT = 3.0


class Value:
    """A C expression without side effects, in [low, high]."""

    __slots__ = ("text", "low", "high", "type", "level")

    def __init__(self, text, low, high, type="double", level=PRIMARY):
        self.text = text
        self.low = low
        self.high = high
        self.type = type
        self.level = level

    def at(self, level):
        """The text as an operand of an operator of this level."""
        return self.text if self.level >= level else "(%s)" % self.text

    @property
    def size(self):
        """The largest magnitude."""
        return max(abs(self.low), abs(self.high))


def wider(left, right):
    """The type that C converts two floating operands to."""
    return left if RANK[left] >= RANK[right] else right


def number(value):
    """A decimal number with a point, so that it is of floating type."""
    text = "%.4g" % value
    return text if "." in text or "e" in text else text + ".0"


def literal(value, type="double"):
    text = number(value)
    level = UNARY if text[0] == "-" else PRIMARY
    return Value(text + SUFFIX[type], float(text), float(text), type, level)


def integer(value):
    return Value(str(value), value, value, "int",
                 UNARY if value < 0 else PRIMARY)


def add(left, right, minus=False):
    """left + right, or left - right."""
    low, high = (-right.high, -right.low) if minus else (right.low, right.high)
    sign = "-" if minus else "+"
    type = "int" if left.type == "int" else wider(left.type, right.type)
    # On the right of a minus, and before a sign, parentheses are needed.
    tight = minus or right.text[0] in "-+"
    return Value("%s %s %s" % (left.at(ADD), sign,
                               right.at(MUL if not tight else PRIMARY)),
                 left.low + low, left.high + high, type, ADD)


def multiply(left, right):
    ends = [a * b for a in (left.low, left.high)
            for b in (right.low, right.high)]
    type = "int" if left.type == "int" else wider(left.type, right.type)
    return Value("%s * %s" % (left.at(MUL), right.at(UNARY)),
                 min(ends), max(ends), type, MUL)


def divide(left, right):
    """left / right of floating type; right must keep away from zero."""
    assert right.low > 0 or right.high < 0
    ends = [a / b for a in (left.low, left.high)
            for b in (right.low, right.high)]
    return Value("%s / %s" % (left.at(MUL), right.at(UNARY)),
                 min(ends), max(ends), wider(left.type, right.type), MUL)


def negate(value):
    operand = value.at(UNARY)
    if operand[0] in "-+":
        operand = "(%s)" % operand
    return Value("-" + operand, -value.high, -value.low, value.type, UNARY)


def call(name, type, arguments, low, high):
    """A call of a function of math.h, in its form for this type."""
    text = ", ".join(a.text for a in arguments)
    return Value("%s%s(%s)" % (name, MATH_SUFFIX[type], text), low, high,
                 type)


def convert(value, type):
    return Value("(%s)%s" % (type, value.at(UNARY)), value.low, value.high,
                 type, UNARY)
