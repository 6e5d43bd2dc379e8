"""marks.py - `#pragma grad checkpoint` before loops and calls of a program, at
random; and the same program without these marks, under another name."""
import random
import re

MARK = re.compile(r"^ *#pragma grad checkpoint.*\n", re.M)
LOOP = re.compile(r"(for|while) \(|do( \{)?$")
CALL = re.compile(r"(?:[\w.\[\]]+(?:->\w+)? [-+*/]?= )?(?:mix|step|part|help)\d+"
                  r"\(.*\);$")


def marked(program):
    """The program's source with marks: few loops, many or all."""
    rng = random.Random("marks %d" % program.seed)
    share = rng.choice([0.2, 0.5, 0.8, 1])
    state = [p for p in program.parameters if p.kind in ("array", "matrix")
             and all(re.fullmatch(r"\w+", d.text("n")) for d in p.dims)]
    lines, own = [], False
    for line in program.source().split("\n"):
        if line and line[0] not in " }":
            own = re.search(r"\b%s\(" % program.name, line) is not None
        text = line.lstrip(" ")
        indent = " " * (len(line) - len(text))
        if indent and rng.random() < share:
            if LOOP.match(text):
                lines.append(indent + mark(rng, state if own else []))
            elif CALL.match(text) and lines[-1].endswith((";", "{", "}")):
                lines.append(indent + "#pragma grad checkpoint")
        lines.append(line)
    return "\n".join(lines)


def mark(rng, state):
    text = "#pragma grad checkpoint"
    budget = rng.random()
    if budget < 0.7:
        text += " snapshots(%d)" % rng.choice([1, 1, 2, 2, 3, 4, 7])
    elif budget < 0.85:
        text += " memory(%s)" % rng.choice(["1 MB", "80 KB"])
    if rng.random() < 0.1:
        text += " disk(.)"
    items = [section(p) for p in state
             if rng.random() < (0.9 if p.writable else 0.1)]
    if items:
        text += " state(%s)" % ", ".join(items)
    return text


def section(param):
    return "%s[0:%s]" % (param.name,
                         " * ".join(d.text("n") for d in param.dims))


def unmarked(source, name, other):
    """The source without marks, its function `name` called `other`."""
    return re.sub(r"\b%s\b" % name, other, MARK.sub("", source))
