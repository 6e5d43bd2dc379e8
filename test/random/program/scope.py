"""scope.py - what a function's body can name at the point being written.

A Body collects the lines of one C function and knows, at each point, which
variables are visible, what ranges they keep to, how often the point is
reached at most, and what must be freed before leaving.
"""
import re
from contextlib import contextmanager

# The longest array that the tests pass, and how often a statement may run.
MOST = 17
TRIPS = 600


class Cap:
    """A length: base elements, and n more where it is sized."""

    def __init__(self, base, sized=False):
        self.base = base
        self.sized = sized

    def text(self, size):
        if not self.sized:
            return str(self.base)
        return "%s + %d" % (size, self.base) if self.base else size

    def fits(self, wanted):
        """Whether an array of this length has all elements of `wanted`."""
        if wanted.sized:
            return self.sized and self.base >= wanted.base
        return self.base >= wanted.base


class Float:
    """A variable of floating type, or something written like one: *p.
    An accumulator is only added to, and may grow beyond LIMIT."""

    def __init__(self, text, type, writable=True, accumulator=False,
                 local=True):
        self.text = text
        self.type = type
        self.writable = writable
        self.accumulator = accumulator
        self.local = local  # a plain variable of this function
        self.root = text.lstrip("*")


class Int:
    """An integer variable that stays in [low, high]; a mutable one may be
    assigned anything in there. below: it is less than n, too."""

    def __init__(self, text, low, high, below=False, mutable=False,
                 type="int"):
        self.text = text
        self.low = low
        self.high = high
        self.below = below
        self.mutable = mutable
        self.type = type
        self.root = text


class Array:
    """Anything that takes indices; dims: one Cap for each."""

    def __init__(self, text, type, dims, writable=True, root=None,
                 shared=False):
        self.text = text
        self.type = type  # a floating type, or "int": indices below n
        self.dims = dims
        self.writable = writable
        self.root = root or text
        self.shared = shared  # may be the same memory as another one


class Struct:
    """An object of a record type; arrow: through a pointer."""

    def __init__(self, text, record, writable=True, arrow=False, root=None):
        self.text = text
        self.record = record
        self.writable = writable
        self.arrow = arrow
        self.root = root or text

    def member(self, name):
        return "%s%s%s" % (self.text, "->" if self.arrow else ".", name)

    @property
    def object(self):
        return "*" + self.text if self.arrow else self.text

    @property
    def address(self):
        return self.text if self.arrow else "&" + self.text


class StructArray:
    """An array of objects of a record type."""

    def __init__(self, text, record, cap):
        self.text = text
        self.record = record
        self.cap = cap
        self.root = text


KINDS = ("floats", "ints", "arrays", "structs", "struct_arrays", "pointers",
         "complexes")


class Body:
    """One function being written."""

    def __init__(self, program, result, sized):
        self.program = program
        self.rng = program.rng
        self.result = result  # a floating type, a record, or None for void
        self.sized = sized    # it has a parameter int n
        self.size = "n"
        self.least = 0        # n is known to be at least this
        self.lines = []
        self.depth = 1
        self.trips = 1        # how often this point is reached at most
        self.cost = 0
        self.statements = 0   # how many may still be written
        self.jumps = []       # "loop", "switch", and the heap's size there
        self.heap = []        # malloc'ed and not freed yet, oldest first
        self.counter = 0
        self.own_totals = None  # sums for the result alone, if it takes them
        self.sink = None      # a Float that takes up what nothing reads
        self.is_known_read = set()
        for kind in KINDS:
            setattr(self, kind, [])
        self.pointers = []    # names of pointers, for (void)
        self.complexes = []   # (name, type of its parts)

    # ---- Text ----

    def emit(self, text, shift=0):
        self.lines.append("    " * (self.depth + shift) + text)
        self.cost += self.trips

    def name(self, letter):
        self.counter += 1
        return "%s%d" % (letter, self.counter)

    # ---- Nesting ----

    @contextmanager
    def visible(self):
        """What is declared inside is gone afterwards."""
        kept = {kind: list(getattr(self, kind)) for kind in KINDS}
        least, heap = self.least, len(self.heap)
        yield
        self.use_unread(kept)
        for name in reversed(self.heap[heap:]):
            self.emit("free(%s);" % name)
        del self.heap[heap:]
        self.least = least
        for kind, entries in kept.items():
            setattr(self, kind, entries)

    @contextmanager
    def block(self, head, trips=1, jump=None, tail="}"):
        """head { ... tail, whose inside runs `trips` times each time."""
        self.emit(head + " {")
        self.depth += 1
        outer = self.trips
        self.trips *= trips
        if jump:
            self.jumps.append((jump, len(self.heap)))
        with self.visible():
            yield
        if jump:
            self.jumps.pop()
        self.trips = outer
        self.depth -= 1
        self.emit(tail)

    # ---- Uses ----

    def unread(self, kept=None):
        """What was declared since `kept` and is read nowhere."""
        kept = kept or {kind: [] for kind in KINDS}
        known = {e.root for kind in KINDS[:-1] for e in kept[kind]}
        for kind in KINDS[:-1]:  # complex ones are read at once
            for entry in getattr(self, kind):
                if entry.root not in known and not self.is_read(entry.root):
                    known.add(entry.root)
                    yield entry

    def is_read(self, root):
        """Whether some line does more to it than to set it."""
        if root in self.is_known_read:
            return True
        name = re.compile(r"(?<![.>\w])%s\b" % re.escape(root))
        target = re.compile(r"( *|.*; *)([\w ]+[ *]\**)?\**%s"
                            r"(\[[^=]*?\])*(\.[\w.]+(\[[^=]*?\])*)?"
                            r"( [-+*/]?= |\+\+;|--;|;$)" % re.escape(root))
        for line in self.lines:
            if root not in line:
                continue
            found = len(name.findall(line))
            if found > (1 if target.match(line) else 0):
                self.is_known_read.add(root)
                return True
        return False

    def use_unread(self, kept=None):
        for entry in list(self.unread(kept)):
            for shift, line in enumerate(self.use_lines(entry)):
                self.emit(line, shift)

    def use_lines(self, entry):
        """Statements that add it to the sink, if that is possible."""
        sink = self.sink
        if sink and isinstance(entry, Float) and not entry.accumulator:
            return [self.sink_text(entry.text)]
        if sink and isinstance(entry, Array) and entry.type != "int":
            i, length = self.name("i"), entry.dims[0].text(self.size)
            rest = "".join("[0]" for _ in entry.dims[1:])
            element = "%s[%s]%s" % (entry.text, i, rest)
            return ["for (int %s = 0; %s < %s; %s++)" % (i, i, length, i),
                    self.sink_text(element)]
        return ["(void)%s;" % entry.root]

    def sink_text(self, text):
        name = self.sink.text
        if self.sink.accumulator:
            return "%s += 0.25 * %s;" % (name, text)
        return "%s = sin(%s + %s);" % (name, name, text)

    # ---- Leaving ----

    def frees(self, since=0):
        """The statements that free what was allocated since then."""
        return ["free(%s);" % name for name in reversed(self.heap[since:])]

    def chance(self, probability):
        return self.rng.random() < probability

    def has(self, feature):
        return feature in self.program.features
