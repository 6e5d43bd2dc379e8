"""helpers.py - the static functions that a program calls."""
import re

from .calls import Helper, Param
from .expressions import bounded, condition, constant, expr, state
from .records import nested
from .scope import Array, Body, Cap, Float, Int, Struct
from .statements import add_int_fields, statement
from .values import LIMIT, MUL, Value, add


def make_helper(program):
    """Adds a helper to the program; it may call those that are there."""
    rng = program.rng
    name = "%s%d" % (rng.choice(["mix", "step", "part", "help"]),
                     len(program.helpers))
    if "recursion" in program.features and rng.random() < 0.3:
        helper, body = make_recursive(program, name)
    else:
        helper, body = make_plain(program, name)
    helper.cost = body.cost
    if body.sized and not any(re.search(r"\bn\b", s) for s in body.lines):
        body.lines.insert(0, "    (void)n;")
    helper.lines = helper.before + [declaration(helper) + " {"] + \
        body.lines + ["}"]
    program.helpers.append(helper)


def choose_params(program):
    rng, params = program.rng, []
    pick = lambda: rng.choice(program.types)
    for letter in "abc"[:rng.randint(1, 3)]:
        params.append(Param("float", letter, pick()))
    if rng.random() < 0.3:
        params.append(Param("int", "k"))
    if "array_params" in program.features and rng.random() < 0.6:
        sized = rng.random() < 0.7
        cap = Cap(0, True) if sized else Cap(rng.randint(1, 4))
        if sized:
            params.insert(0, Param("size", "n"))
        for letter in "xy"[:rng.randint(1, 2)]:
            params.append(Param("array", letter, pick(), cap,
                                writable=rng.random() < 0.5))
    if "matrix" in program.features and rng.random() < 0.2 and \
            not any(p.kind == "size" for p in params):
        params.append(Param("matrix", "m", pick(), Cap(rng.randint(2, 3)),
                            writable=rng.random() < 0.5))
    if "out_params" in program.features and rng.random() < 0.5:
        for letter in "uw"[:rng.randint(1, 2)]:
            params.append(Param("out", letter, pick(), writable=True))
    if program.local_records and rng.random() < 0.6:
        params.append(Param(rng.choice(["record", "pointer"]), "r",
                            record=rng.choice(program.local_records)))
        params[-1].writable = params[-1].kind == "pointer" and \
            rng.random() < 0.5
    return params


def make_plain(program, name):
    rng = program.rng
    params = choose_params(program)
    result = rng.choice(program.types)
    if any(p.writable for p in params) and rng.random() < 0.5:
        result = None
    elif program.local_records and rng.random() < 0.3:
        result = rng.choice(program.local_records)
    helper = Helper(name, result, params)
    body = Body(program, result, any(p.kind == "size" for p in params))
    body.statements = rng.randint(1, 7)
    enter(body, params)
    finish(body, result)
    return helper, body


def enter(body, params):
    for param in params:
        if param.kind == "float":
            body.floats.append(Float(param.name, param.type))
        elif param.kind == "int":
            body.ints.append(Int(param.name, 0, 7, mutable=True))
        elif param.kind == "array":
            body.arrays.append(Array(param.name, param.type, [param.cap],
                                     param.writable))
        elif param.kind == "matrix":
            body.arrays.append(Array(param.name, param.type,
                                     [Cap(1), param.cap], param.writable))
        elif param.kind in ("record", "pointer"):
            struct = Struct(param.name, param.record,
                            param.kind == "record" or param.writable,
                            param.kind == "pointer")
            body.structs += list(nested(body, struct))
            add_int_fields(body, struct)
    for param in params:
        if param.kind == "out":
            out = Float("*" + param.name, param.type, local=False)
            if body.chance(0.6):
                body.emit("%s = %s;" % (out.text, state(body).text))
            body.floats.append(out)


def finish(body, result):
    """The statements, and the result."""
    if isinstance(result, str):
        name = body.name("v")
        body.emit("%s %s = %s;" % (result, name, state(body).text))
        body.floats.append(Float(name, result))
        body.sink = body.floats[-1]
    elif result:
        from .records import initializer
        name = body.name("t")
        body.emit("%s %s = %s;" % (result.name, name,
                                   initializer(body, result)))
        struct = Struct(name, result)
        body.structs += list(nested(body, struct))
        add_int_fields(body, struct)
    while body.statements > 0:
        statement(body)
    value = isinstance(result, str) and result_value(body, result, name)
    body.use_unread()
    if value and body.heap:  # what is freed must be read before
        body.emit("%s result = %s;" % (result, value.text))
        value.text = "result"
    for line in body.frees():
        body.emit(line)
    if result:
        body.emit("return %s;" % (value.text if value else name))


def result_value(body, result, name):
    """Made of the variable `name` and what nothing else reads."""
    rest = expr(body, 1)
    for entry in body.unread():
        if isinstance(entry, Float) and entry.text != name:
            rest = add(rest, Value(entry.text, -LIMIT, LIMIT, entry.type))
    return add(Value("0.5 * " + name, -LIMIT / 2, LIMIT / 2, result, MUL),
               bounded(body, rest, LIMIT / 2))


def make_recursive(program, name):
    """Calls itself with a smaller first argument, also by way of another
    function."""
    rng = program.rng
    result = rng.choice(program.types)
    params = [Param("int", "k"), Param("float", "a", rng.choice(program.types))]
    if "array_recursion" in program.features and rng.random() < 0.6:
        params.append(Param("array", "x", rng.choice(program.types),
                            Cap(rng.randint(2, 4)),
                            writable=rng.random() < 0.7))
    helper = Helper(name, result, params)
    body = Body(program, result, False)
    body.trips = 8
    body.statements = rng.randint(0, 4)
    enter(body, params)
    body.ints[0].mutable = False  # what ends the recursion
    body.ints[0].low = -1         # a call may take two off
    body.sink = body.floats[0]
    body.emit("if (k <= 0)")
    body.emit("return %s;" % state(body).text, 1)
    body.ints[0].low = 1
    while body.statements > 0:
        statement(body)
    end_recursive(body, name, params)
    if rng.random() < 0.3:
        pass_on(helper, body, name)
    return helper, body


def end_recursive(body, name, params):
    test = condition(body) if body.chance(0.3) else None
    body.use_unread()
    rest = [", " + p.name for p in params[2:]]
    inner = "%s(k - %d, %s%s)" % (name, body.rng.randint(1, 2),
                                  state(body).text, "".join(rest))
    if body.heap or body.chance(0.4):  # something is left to be done
        body.emit("%s inner = 0.6 * %s;" % (body.result, inner))
        value = state(body, 1, 1.1)
        body.emit("inner += %s;" % value.text)
        for line in body.frees():
            body.emit(line)
        if len(params) > 2 and params[2].writable:
            body.emit("x[0] = 0.5 * x[1] + 0.1 * inner;")
        body.emit("return inner;")
    elif test:
        body.emit("return %s ? 0.6 * %s : %s;" % (
            test, inner, state(body, 1, 1.1).at(2)))
    else:
        # The call may change x, and the order of operands is C's to choose.
        value = constant(body, -1, 1) if len(params) > 2 else \
            state(body, 1, 1.1)
        body.emit("return 0.6 * %s + %s;" % (inner, value.at(10)))


def pass_on(helper, body, name):
    """Lets another function stand between a call and the next."""
    other = name + "_on"
    parts = ", ".join(p.name for p in helper.params)
    again = [line.replace(" %s(k - " % name, " %s(k - " % other)
             for line in body.lines]
    between = Helper(other, helper.result, helper.params)
    body.lines[:] = again
    helper.before = [declaration(helper) + ";", declaration(between) + " {",
                     "    return 0.9 * %s(%s);" % (name, parts), "}", ""]


def declaration(helper):
    parts = []
    for param in helper.params:
        const = "" if param.writable else "const "
        if param.kind == "size":
            parts.append("int n")
        elif param.kind == "int":
            parts.append("int " + param.name)
        elif param.kind == "float":
            parts.append("%s %s" % (param.type, param.name))
        elif param.kind == "array":
            parts.append("%s%s *%s" % (const, param.type, param.name))
        elif param.kind == "matrix":
            parts.append("%s %s[][%d]" % (param.type, param.name,
                                          param.cap.base))
        elif param.kind == "out":
            parts.append("%s *%s" % (param.type, param.name))
        elif param.kind == "record":
            parts.append("%s %s" % (param.record.name, param.name))
        else:
            parts.append("%s%s *%s" % (const, param.record.name, param.name))
    result = helper.result
    if result is None:
        result = "void"
    elif not isinstance(result, str):
        result = result.name
    return "static %s %s(%s)" % (result, helper.name, ", ".join(parts))
