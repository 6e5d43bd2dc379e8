"""callbacks.py - calls through pointers to functions: chosen by a condition,
from a constant table, passed to a helper."""
from . import statements as st
from .expressions import condition, int_within, state
from .places import place
from .scope import TRIPS, Body, Float
from .values import LIMIT


class Callbacks:
    """A few functions of one type, what calls them, and a table of them."""

    def __init__(self, program):
        self.type = program.rng.choice(program.types)
        self.names = ["fun%d" % i for i in range(program.rng.randint(2, 3))]
        self.lines = []
        for name in self.names:
            self.add(program, name)
        self.lines += [
            "static %s (*const funs[])(%s, %s) = {%s};" % (
                self.type, self.type, self.type, ", ".join(self.names)),
            "",
            "static %s apply(%s (*fun)(%s, %s), const %s *a, int k) {" % (
                (self.type,) * 5),
            "    return fun(a[0], 0.5 * a[0]) * (k ? 0.3 : fun(a[0], 0.1));",
            "}",
        ]

    def add(self, program, name):
        body = Body(program, self.type, False)
        for letter in "ab":
            body.floats.append(Float(letter, self.type))
        body.statements = program.rng.randint(0, 2)
        body.sink = body.floats[0]
        while body.statements > 0:
            st.statement(body)
        body.use_unread()
        value = state(body)
        for line in body.frees():
            body.emit(line)
        if body.heap:
            value = body.floats[0]
        body.emit("(void)a, (void)b;")
        body.emit("return %s;" % value.text)
        self.cost = max(getattr(self, "cost", 1), body.cost)
        self.lines += ["static %s %s(%s a, %s b) {" % (
            self.type, name, self.type, self.type)] + body.lines + ["}", ""]


def make_callbacks(program):
    program.callbacks = None
    if "callbacks" in program.features:
        program.callbacks = Callbacks(program)


def used(program, lines):
    """The lines that the program needs of them."""
    found = program.callbacks
    if not found or not any("fun" in line or "apply(" in line
                            for line in lines):
        return []
    text = "\n".join(lines)
    rest = found.lines
    if "apply(" not in text:
        rest = rest[:-3]
    if "funs[" not in text:
        rest = [line for line in rest if "funs[]" not in line]
    return [line if not line.startswith("static %s fun" % found.type)
            else "__attribute__((unused)) " + line for line in rest] + [""]


def affordable(body):
    found = body.program.callbacks
    return found and body.trips * found.cost <= 4 * TRIPS


def through_pointer(body):
    if not affordable(body):
        return False
    found, name = body.program.callbacks, body.name("g")
    type = found.type
    first, second = body.rng.sample(found.names, 2)
    body.emit("%s (*%s)(%s, %s) = %s ? %s : %s;" % (
        type, name, type, type, condition(body), first, second))
    value = body.name("v")
    body.emit("%s %s = %s(%s, %s);" % (type, value, name,
                                       state(body, 1).text,
                                       state(body, 1).text))
    body.cost += body.trips * found.cost
    body.floats.append(Float(value, type))
    return None


def from_table(body):
    if not affordable(body):
        return False
    found, value = body.program.callbacks, body.name("v")
    body.emit("%s %s = funs[%s](%s, %s);" % (
        found.type, value, int_within(body, len(found.names) - 1).text,
        state(body, 1).text, state(body, 1).text))
    body.cost += body.trips * found.cost
    body.floats.append(Float(value, found.type))
    return None


def passed(body):
    if not affordable(body):
        return False
    found, value = body.program.callbacks, body.name("v")
    target = place(body)
    if not target or target.type != found.type or target.text[0] == "*":
        return False
    body.emit("%s %s = 0.3 * apply(%s, &%s, %s);" % (
        found.type, value, body.rng.choice(found.names), target.text,
        int_within(body, 1).text))
    body.cost += 2 * body.trips * found.cost
    body.floats.append(Float(value, found.type))
    return None


st.KINDS += [(through_pointer, 1.5, "callbacks"),
             (from_table, 1.5, "callbacks"), (passed, 1, "callbacks")]

assert LIMIT == 3.0  # what 0.3 * apply() keeps
