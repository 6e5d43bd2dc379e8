"""reduce.py - makes a failing program smaller.

Takes statements and blocks away, blocks apart and expressions to pieces, as
long as gradcc, the compilers and the checks still find the same wrong in what
is left, and what is left is still well defined: instrumented copies of the
program itself must run clean.
"""
import os
import re
import shutil
import time

import checker
from toolchain import BASE, CONFIGURATIONS, INPUTS, run, write


def reduce(case, settings, folder, patience):
    """The smallest program that was found to show the case's finding.
    patience: how long it may take, in seconds."""
    reducer = Reducer(case, settings, folder, patience)
    lines = case.source.rstrip("\n").split("\n")
    if not reducer.still_wrong(lines):
        return case.source  # it takes more than this program alone
    size = None
    while size != total(lines) and reducer.has_time():
        size = total(lines)
        lines = reducer.without_units(lines)
        lines = reducer.unwrapped(lines)
        lines = reducer.simplified(lines)
    return "\n".join(lines) + "\n"


def total(lines):
    return sum(len(line) for line in lines)


class Reducer:
    def __init__(self, case, settings, folder, patience):
        self.case = case
        self.settings = settings
        self.folder = folder
        self.kind = kind_of(case.finding)
        found = CONFIGURATIONS.get(case.finding.configuration)
        self.configurations = [found.relaxed()] if found else []
        self.end = time.time() + patience

    def has_time(self):
        return time.time() < self.end

    # ---- What must stay ----

    def still_wrong(self, lines):
        source = "\n".join(lines) + "\n"
        shutil.rmtree(self.folder, ignore_errors=True)
        smaller = checker.Case(self.case.seed, source, self.case.harness,
                               self.case.options, bool(self.case.twin))
        checker.check([smaller], self.settings, self.configurations,
                      self.folder)
        if not smaller.finding or kind_of(smaller.finding) != self.kind:
            return False
        return self.is_defined()

    def is_defined(self):
        """The program itself runs clean under the sanitizers."""
        seed = self.case.seed
        strict = ["gcc", "-fsyntax-only", "-Werror", "-Wreturn-type"] + BASE
        if not run(strict + ["u%d.c" % seed], self.folder).succeeded:
            return False
        write(self.folder, "primal.c", checker.list_text(
            ["program_" + self.case.name], ["EXACT"]))
        for name in ("clang-msan", "gcc-asan"):
            configuration = CONFIGURATIONS[name]
            command = [configuration.compiler] + BASE + configuration.flags
            command += ["u%d.c" % seed, "primal.c",
                        os.path.join(INPUTS, "driver.c"), "-o", "primal",
                        "-lm"]
            if not run(command, self.folder, 30).succeeded:
                return False
            if not run(["./primal", "-p"], self.folder, 5,
                       "program").succeeded:
                return False
        return True

    # ---- Smaller programs ----

    def without_units(self, lines):
        """Without as many statements, blocks and functions as possible."""
        position = len(lines) - 1
        while position >= 0 and self.has_time():
            end = unit_end(lines, position)
            # The function that is differentiated, and its annotations, stay.
            if end and not any(self.is_fixed(s) for s in lines[position:end]):
                smaller = lines[:position] + lines[end:]
                if self.still_wrong(smaller):
                    lines = smaller
            position -= 1
        return lines

    def is_fixed(self, line):
        return line.startswith("#pragma") or \
            re.search(r"\b%s\(" % self.case.name, line)

    def unwrapped(self, lines):
        """The insides of blocks in place of the blocks."""
        position = 0
        while position < len(lines) and self.has_time():
            end = block_end(lines, position)
            if end and not self.is_fixed(lines[position]):
                inside = [line[4:] for line in lines[position + 1:end]]
                smaller = lines[:position] + inside + lines[end + 1:]
                if self.still_wrong(smaller):
                    lines = smaller
                    continue
            position += 1
        return lines

    def simplified(self, lines):
        """Simpler expressions."""
        for position in range(len(lines)):
            if lines[position].startswith("#") or \
                    self.is_fixed(lines[position]):
                continue
            again = True
            while again and self.has_time():
                again = False
                for text in simpler(lines[position]):
                    smaller = list(lines)
                    smaller[position] = text
                    if self.still_wrong(smaller):
                        lines, again = smaller, True
                        break
        return lines


def kind_of(finding):
    """Which check failed, or what the message was."""
    return finding.stage, finding.line()


def indent(line):
    return len(line) - len(line.lstrip(" "))


def block_end(lines, position):
    """The index of the line that closes the block that is opened here."""
    if not lines[position].endswith("{"):
        return None
    for end in range(position + 1, len(lines)):
        if indent(lines[end]) == indent(lines[position]) and \
                lines[end].lstrip().startswith("}"):
            return end
    return None


def unit_end(lines, position):
    """The index after the statement or block that begins here, or None."""
    line = lines[position].strip()
    if line.startswith("}"):
        return None
    if line.endswith("{"):
        end = block_end(lines, position)
        return end + 1 if end else None
    end = position + 1
    while end < len(lines) and not line.endswith((";", ":", "/", ">", "")) \
            and indent(lines[end]) > indent(lines[position]):
        end += 1
    return end


OPERATOR = re.compile(r" (\+|-|\*|/|%|&&|\|\||<|>|<=|>=|==|!=|\?|:|&|>>) ")
STOPS = set(",;?:=<>&|")


def simpler(line):
    """Variants of a line with a smaller expression, the smallest first."""
    found = set()
    for start, end in groups(line):
        name = re.search(r"\w*$", line[:start])
        inside = line[start + 1:end]
        for part in split(inside) + ["0.5", "1"]:
            found.add(line[:name.start()] + part + line[end + 1:])
            found.add(line[:name.start()] + "(" + part + ")" + line[end + 1:])
    for match in OPERATOR.finditer(line):
        left, right = operand_start(line, match.start()), \
            operand_end(line, match.end())
        found.add(line[:match.start()] + line[right:])
        found.add(line[:left] + line[match.end():])
    target = re.match(r"( *(?:.*?[^=<>!+*/-])?(?:[-+*/]?= |return ))(.+);$",
                      line)
    if target and len(target[2]) > 3:
        found.add(target[1] + "0.5;")
    return sorted((v for v in found if len(v) < len(line)), key=len)


def groups(line):
    """The positions of matching parentheses."""
    stack = []
    for position, char in enumerate(line):
        if char == "(":
            stack.append(position)
        elif char == ")" and stack:
            yield stack.pop(), position


def split(text):
    """At the commas outside of parentheses."""
    parts, depth, last = [], 0, 0
    for position, char in enumerate(text):
        depth += char in "([{"
        depth -= char in ")]}"
        if char == "," and depth == 0:
            parts.append(text[last:position].strip())
            last = position + 1
    return parts + [text[last:].strip()]


def operand_end(line, position):
    depth = 0
    while position < len(line):
        char = line[position]
        if char in ")]}" or (depth == 0 and (
                char in STOPS or OPERATOR.match(line, position))):
            if depth == 0:
                break
        depth += char in "([{"
        depth -= char in ")]}"
        position += 1
    return position


def operand_start(line, position):
    depth = 0
    while position > 0:
        char = line[position - 1]
        if depth == 0 and (char in STOPS or char in "([{" or
                           OPERATOR.match(line, position - 3)):
            break
        depth += char in ")]}"
        depth -= char in "([{"
        position -= 1
    while line[position:position + 1] == " ":
        position += 1
    return position
