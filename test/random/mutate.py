#!/usr/bin/env python3
"""mutate.py --mutants COUNT - broken programs through gradcc.

Takes annotated C sources, from the test suite and from generate.py, and
breaks each by a few mutations: tokens of code or of a pragma dropped,
doubled, swapped or replaced; lines moved; bytes changed. Whatever comes of
it, gradcc must end by itself, within its time, with exit status 0, 1 or 2; on
an error it must say so, and write nothing; without one, what it wrote must
compile. A gradcc built with sanitizers sees the most.

Findings are written to the folder that --keep names. The exit status is 1 if
there are any.
"""
import argparse
import concurrent.futures
import os
import random
import re
import shutil
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from program.program import Program  # noqa: E402
from toolchain import HERE, ROOT, run  # noqa: E402

TOKEN = re.compile(r"\n|[ \t]+|\w+(?:\.\w*)?|\"(?:\\.|[^\"\\\n])*\"|"
                   r"//[^\n]*|->|\+\+|--|&&|\|\||[-+*/%<>=!&|]=|.", re.S)

# What tokens are replaced by, besides other tokens of the same source.
WORDS = """
0 1 -1 2147483647 -2147483648 4294967296 18446744073709551615 1e400 0x 0.0 '\\0'
"" ( ) [ ] { } ; , . -> * & + - / % < > = == != ? : ! ~ << >> && || ++ -- ... #
\\ @ $ ` int double float void const struct union enum typedef static extern
inline return break continue goto if else for while do switch case default
sizeof unsigned long short char signed volatile restrict register auto
_Generic _Static_assert _Atomic _Complex _Thread_local _Noreturn _Alignas
asm setjmp va_list malloc free memcpy printf exit abort NULL n x f s main
#pragma grad reverse forward hvp jacobian hessian wrt of work name directions
layout checkpoint snapshots memory disk state independent inactive derivative
return row denominator wrt() of() wrt(x[0:n]) work(x[0:n]) name(f)
""".split()

CLAUSES = """
wrt(x) wrt(x,x) wrt(return) wrt(n) wrt(y) wrt() wrt wrt(x[0:n]) wrt(x[0:]) wrt(
of(return) of(x) of(y) of() of(1) work(x) work(x[0:n]) work(x[0:-1])
work(x[n:0]) name(f) name() name(1) name(int) name(f_grad) reverse forward
hvp jacobian hessian directions(4) directions(n) layout(row) checkpoint
independent inactive derivative(f) derivative(g) wrt(x[0:n][0:n]) wrt(x)) (
""".split()


# Tokens that C's grammar allows in each other's place, mostly.
ALIKE = [group.split() for group in (
    "+ - * / % & | ^ << >>", "< > <= >= == != && ||",
    "= += -= *= /= %=", "++ --", ". ->", "break continue return",
    "int double float long short char unsigned _Bool size_t void",
    "sin cos exp log sqrt tanh fabs floor", "const volatile restrict static",
    "x y s n i", "reverse forward", "wrt of work name")]


def parse_options():
    parser = argparse.ArgumentParser(
        description="Takes broken programs through gradcc.")
    parser.add_argument("--mutants", type=int, default=150, metavar="COUNT")
    parser.add_argument("--first", type=int, default=0, metavar="N",
                        help="the first one's seed (%(default)s)")
    parser.add_argument("--gradcc", metavar="PATH",
                        default=os.path.join(ROOT, "build", "tools",
                                             "gradcc"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count(),
                        metavar="J", help="how many run at the same time")
    parser.add_argument("--keep", default="mutant-findings", metavar="DIR",
                        help="where findings are written (%(default)s)")
    return parser.parse_args()


# ---- Sources ----

def test_sources():
    """(folder, text) of the annotated sources of the test suite, without
    their main functions."""
    found = []
    for folder, folders, names in os.walk(os.path.dirname(HERE)):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(folder, name)
            if not name.endswith(".c") or os.path.getsize(path) > 40000:
                continue
            with open(path, errors="replace") as file:
                text = file.read().split("#ifdef TEST_MAIN")[0]
            if "#pragma grad" in text:
                found.append((folder, text))
    return found


def choose_source(rng, sources):
    if not sources or rng.random() < 0.4:
        return HERE, Program(rng.randrange(1 << 30)).source()
    return rng.choice(sources)


# ---- Mutations ----

def mutate(rng, text):
    """The text as bytes, with a few mutations."""
    gentle = rng.random() < 0.5
    for _ in range(rng.choice([1, 1, 1, 2, 2, 3, 5])):
        roll = rng.random() * (0.6 if gentle else 1)
        if roll < 0.2:
            text = mutate_pragma(rng, text)
        elif roll < 0.6:
            text = mutate_gently(rng, text)
        elif roll < 0.85:
            text = mutate_tokens(rng, text)
        else:
            text = mutate_lines(rng, text)
    data = text.encode(errors="replace")
    if not gentle and rng.random() < 0.2:
        data = mutate_bytes(rng, data)
    return data


def mutate_tokens(rng, text):
    tokens = TOKEN.findall(text)
    places = [i for i, t in enumerate(tokens)
              if not t.isspace() and not t.startswith("//")]
    if not places:
        return rng.choice(WORDS)
    at, other = rng.choice(places), rng.choice(places)
    kind = rng.randrange(7)
    if kind == 0:
        tokens[at] = ""
    elif kind == 1:
        tokens[at] += " " + tokens[at]
    elif kind == 2:
        tokens[at], tokens[other] = tokens[other], tokens[at]
    elif kind == 3:
        tokens[at] = tokens[other]
    elif kind == 4:
        tokens[at] = rng.choice(WORDS)
    elif kind == 5:
        tokens[at] += " " + rng.choice(WORDS)
    else:
        near = places[min(places.index(at) + 1, len(places) - 1)]
        tokens[at], tokens[near] = tokens[near], tokens[at]
    return "".join(tokens)


def mutate_gently(rng, text):
    """Replaces a token by one of its kind: the result often is a program,
    and so gets farther."""
    tokens = TOKEN.findall(text)
    places = [i for i, t in enumerate(tokens) if is_gentle(t)]
    if not places:
        return mutate_lines(rng, text)
    at = rng.choice(places)
    tokens[at] = rng.choice([t for t in alike(tokens[at], tokens)
                             if t != tokens[at]] or [tokens[at]])
    return "".join(tokens)


def is_gentle(token):
    return re.match(r"[A-Za-z_0-9]", token) or \
        any(token in group for group in ALIKE)


def alike(token, tokens):
    """Tokens of the same kind, from the same source among others."""
    for group in ALIKE:
        if token in group:
            return group
    if token[0].isdigit():
        return ["0", "1", "2", "3", "0.5", "7", "-1", "100", "n"]
    return [t for t in tokens if re.match(r"[A-Za-z_]\w*$", t)]


def mutate_pragma(rng, text):
    """Changes one line that annotates, or adds one."""
    lines = text.split("\n")
    places = [i for i, line in enumerate(lines) if "#pragma" in line]
    if not places or rng.random() < 0.15:
        line = "#pragma grad " + " ".join(
            rng.choice(CLAUSES) for _ in range(rng.randrange(3)))
        lines.insert(rng.randrange(len(lines) + 1), line)
        return "\n".join(lines)
    at = rng.choice(places)
    kind = rng.randrange(4)
    if kind == 0:
        lines[at] += " " + rng.choice(CLAUSES)
    elif kind == 1:
        words = lines[at].split()
        words[rng.randrange(min(1, len(words) - 1), len(words))] = \
            rng.choice(CLAUSES)
        lines[at] = " ".join(words)
    elif kind == 2:
        line = lines.pop(at)
        lines.insert(rng.randrange(len(lines) + 1), line)
    else:
        lines[at] = mutate_tokens(rng, lines[at])
    return "\n".join(lines)


def mutate_lines(rng, text):
    lines = text.split("\n")
    at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    kind = rng.randrange(8)
    if kind in (0, 5, 6, 7) and lines[at].rstrip().endswith(";"):
        del lines[at]
    elif kind in (1, 5, 6, 7):
        lines.insert(at, lines[at])
    elif kind == 2:
        lines[at], lines[other] = lines[other], lines[at]
    elif kind == 3:
        del lines[min(at, other):max(at, other)]
    else:
        lines[at] = lines[at][:rng.randrange(len(lines[at]) + 1)]
    return "\n".join(lines)


def mutate_bytes(rng, data):
    data = bytearray(data)
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(data) + 1)
        kind = rng.randrange(4)
        if kind == 0:
            data[at:at + 1] = bytes([rng.randrange(256)])
        elif kind == 1:
            data[at:at] = bytes([rng.choice([0, 9, 13, 34, 92, 128, 255])])
        elif kind == 2:
            del data[at:at + rng.randint(1, 8)]
        else:
            del data[at:]
    return bytes(data)


# ---- Checks ----

def complaint(gradcc, folder, include):
    """What is wrong with what gradcc makes of mutant.c, or None; and whether
    it took the program."""
    command = [gradcc, "mutant.c", "-I", include, "-o", "out.c"]
    done = run(command, folder, 10, "gradcc")
    written = [name for name in os.listdir(folder) if name != "mutant.c"]
    if done.status not in (0, 1, 2):
        return "%s\n%s" % (done.describe(), done.output), False
    if done.status == 0:
        return check_output(folder, include, written), True
    if written:
        return "an error, but %s was written\n%s" % (
            ", ".join(sorted(written)), done.output), False
    if "error:" not in done.output:
        return "exit status %d without an error" % done.status, False
    return None, False


def check_output(folder, include, written):
    """The output of a program that gradcc took. One that only libclang takes
    is not looked at further."""
    if sorted(written) != ["out.c", "out.h"]:
        return "no error, but %s was written" % (", ".join(written) or
                                                 "nothing")
    flags = ["-std=c11", "-w", "-fsyntax-only", "-I", include, "-I",
             os.path.join(ROOT, "runtime", "include")]
    done = run(["gcc"] + flags + ["out.c"], folder, 20)
    if done.succeeded or not all(
            run([compiler] + flags + ["mutant.c"], folder, 20).succeeded
            for compiler in ("gcc", "clang")):
        return None
    return "the output does not compile\n" + done.output


class Mutants:
    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.sources = test_sources()
        self.start = time.time()
        self.done = self.taken = self.findings = 0

    def check(self, seed):
        """(complaint, taken) for the mutant of a seed."""
        rng = random.Random(seed)
        include, text = choose_source(rng, self.sources)
        folder = os.path.join(self.folder, "mutant-%d" % seed)
        os.makedirs(folder)
        with open(os.path.join(folder, "mutant.c"), "wb") as file:
            file.write(mutate(rng, text))
        wrong, taken = complaint(self.options.gradcc, folder, include)
        if wrong:
            self.keep(seed, folder, include, wrong)
        shutil.rmtree(folder)
        return wrong, taken

    def keep(self, seed, folder, include, wrong):
        here = os.path.join(self.options.keep, "mutant-%d" % seed)
        shutil.rmtree(here, ignore_errors=True)
        shutil.copytree(folder, here)
        with open(os.path.join(here, "finding.txt"), "w") as file:
            file.write("%s\n\ngradcc mutant.c -I %s -o out.c\n" % (wrong,
                                                                   include))
        print("finding: mutant %d: %s\n         see %s" % (
            seed, first_line(wrong), here), flush=True)

    def note(self, wrong, taken):
        self.done += 1
        self.taken += taken
        self.findings += bool(wrong)
        if self.done % 50 == 0 or self.done == self.options.mutants:
            end = "\r" if sys.stderr.isatty() else "\n"
            print("%s, %.0f s" % (self.summary(), time.time() - self.start),
                  end=end, file=sys.stderr, flush=True)

    def summary(self):
        return "%d mutants, %d findings, %d taken without an error" % (
            self.done, self.findings, self.taken)


def first_line(wrong):
    """The line that tells the most."""
    for pattern in (r"ERROR: \w+Sanitizer.*", r"runtime error.*", r"BUG.*",
                    r".*error: .*"):
        match = re.search(pattern, wrong)
        if match:
            return "%s: %s" % (wrong.split("\n")[0], match[0][:120])
    return wrong.split("\n")[0]


def main():
    options = parse_options()
    options.gradcc = os.path.abspath(options.gradcc)
    if not os.access(options.gradcc, os.X_OK):
        sys.exit("there is no gradcc at " + options.gradcc)
    with tempfile.TemporaryDirectory(prefix="gradcc-mutants-") as folder:
        mutants = Mutants(options, folder)
        seeds = range(options.first, options.first + options.mutants)
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for wrong, taken in pool.map(mutants.check, seeds):
                mutants.note(wrong, taken)
    print(mutants.summary())
    return 1 if mutants.findings else 0


if __name__ == "__main__":
    sys.exit(main())
