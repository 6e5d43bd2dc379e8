"""calls.py - calls of the program's helper functions, with arguments that
keep to what the helper's body relies on."""
from .expressions import int_within, state
from .places import index, known, one_dimensional
from .records import struct_address, struct_value
from .scope import TRIPS, Cap
from .values import LIMIT, Value


class Param:
    """kind: float, int (0 to 7), size (int n), array, matrix (of rows of
    cap elements), out (one float), record, pointer (to a record)."""

    def __init__(self, kind, name, type=None, cap=None, record=None,
                 writable=False):
        self.kind = kind
        self.name = name
        self.type = type
        self.cap = cap
        self.record = record
        self.writable = writable


class Helper:
    """A static function. cost: how many statements a call runs at most."""

    def __init__(self, name, result, params):
        self.name = name
        self.result = result  # a floating type, a Record, or None
        self.params = params
        self.cost = 0
        self.before = []      # what its definition needs
        self.lines = []

    @property
    def pure(self):
        return not any(p.writable for p in self.params)


def affordable(body, helper):
    return body.trips * max(1, helper.cost) <= 8 * TRIPS


def call_value(body):
    """A call without side effects as a Value, or None."""
    choices = [h for h in body.program.helpers
               if h.pure and isinstance(h.result, str) and affordable(body, h)]
    if not choices:
        return None
    helper = body.rng.choice(choices)
    text = call_text(body, helper)
    return text and Value(text, -LIMIT, LIMIT, helper.result)


def call_text(body, helper):
    """The call's text, or None where there are no fitting arguments."""
    arguments = Arguments(body, helper)
    parts = []
    for param in helper.params:
        part = getattr(arguments, param.kind)(param)
        if part is None:
            return None
        parts.append(part)
    body.cost += body.trips * helper.cost
    return "%s(%s)" % (helper.name, ", ".join(parts))


class Arguments:
    """The arguments of one call, one method for each kind of parameter."""

    def __init__(self, body, helper):
        self.body = body
        self.rng = body.rng
        self.written = set()  # roots that some argument lets be written
        self.used = set()     # roots that some argument points into
        self.size_text, self.size_cap = self.choose_size(helper)

    def choose_size(self, helper):
        """What n is in this call, and the Cap that its arrays must have."""
        if not any(p.kind == "size" for p in helper.params):
            return None, None
        body, roll = self.body, self.rng.random()
        below = [i for i in body.ints if i.below and i.low >= 0]
        if below and roll < 0.15:
            var = self.rng.choice(below)
            return var.text, Cap(0, True)
        if body.sized and roll < 0.7:
            return body.size, Cap(0, True)
        small = [i for i in body.ints if i.low >= 0 and i.high <= 4 and
                 i.type == "int"]
        if small and roll < 0.8:
            var = self.rng.choice(small)
            return var.text, Cap(max(1, int(var.high)))
        length = self.rng.randint(1, 4)
        return str(length), Cap(length)

    def allowed(self, root, shared, writable):
        """No argument overlaps a written one, unless the program is one of
        those that do so."""
        if not self.body.has("overlap"):
            if root in self.written or (writable and root in self.used):
                return False
            if shared and (writable or self.written):
                return False
            if writable and any(a.shared for a in self.body.arrays):
                return False
        self.used.add(root)
        if writable:
            self.written.add(root)
        return True

    def size(self, param):
        return self.size_text

    def float(self, param):
        return state(self.body, 1).text

    def int(self, param):
        return int_within(self.body, 7).text

    def array(self, param):
        body = self.body
        wanted = self.size_cap if param.cap.sized else param.cap
        choices = list(one_dimensional(body, param.type, param.writable,
                                       wanted))
        self.rng.shuffle(choices)
        for array in choices:
            if not self.allowed(array.root, array.shared, param.writable):
                continue
            spare = known(body, array.dims[0]) - known(body, wanted)
            if spare > 0 and not wanted.sized and body.chance(0.4):
                return "%s + %d" % (array.text, self.rng.randint(1, spare))
            return array.text
        return None

    def matrix(self, param):
        body = self.body
        wanted = self.size_cap if self.size_cap else Cap(1)
        for array in body.arrays:
            if len(array.dims) == 2 and array.type == param.type and \
                    array.dims[0].fits(wanted) and \
                    array.dims[1].base == param.cap.base and \
                    not array.dims[1].sized and \
                    (array.writable or not param.writable) and \
                    self.allowed(array.root, array.shared, param.writable):
                return array.text
        return None

    def out(self, param):
        body = self.body
        floats = [f for f in body.floats if f.type == param.type and
                  f.writable and not f.accumulator]
        self.rng.shuffle(floats)
        if body.chance(0.4):
            for array in one_dimensional(body, param.type, True):
                at = index(body, array.dims[0])
                if at is not None and self.allowed(array.root, array.shared,
                                                   True):
                    return "&%s[%s]" % (array.text, at)
        for chosen in floats:
            shared = chosen.text.startswith("*")
            if self.allowed(chosen.root, shared, True):
                return chosen.text[1:] if shared else "&" + chosen.text
        return None

    def record(self, param):
        return struct_value(self.body, param.record)

    def pointer(self, param):
        found = struct_address(self.body, param.record, param.writable)
        if found and self.allowed(found[1], False, param.writable):
            return found[0]
        return None

