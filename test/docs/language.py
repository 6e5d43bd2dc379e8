"""Checks the table of docs/language.md: python language.py TABLE TEST_FOLDER.

Each row says of a construct what becomes of it and which tests show it: paths
under test/ without their suffix, where a name without a folder is in the
folder of the one before it. Each row needs a test, and each test must exist.
"""
import os
import re
import sys

SUFFIXES = (".c", ".test", ".ir")


def rows(path):
    """Line numbers and cells of the table's rows, without its head."""
    with open(path) as file:
        for number, line in enumerate(file, 1):
            line = line.strip().replace("\\|", "")
            if line.startswith("|") and not line.startswith("|--"):
                cells = [cell.strip() for cell in line.strip("|").split("|")]
                if cells[0] != "construct":
                    yield number, cells


def is_test(path):
    for suffix in SUFFIXES:
        if os.path.isfile(path + suffix):
            with open(path + suffix, errors="replace") as file:
                if "RUN:" in file.read():
                    return True
    return False


def problems(cells, tests):
    if len(cells) != 3 or not all(cells[:2]):
        yield "a row has a construct, what becomes of it, and tests"
        return
    names = re.findall(r"`([^`]*)`", cells[2])
    if not names:
        yield "no test for: " + cells[0]
    folder = ""
    for name in names:
        folder = os.path.dirname(name) or folder
        path = os.path.join(folder, os.path.basename(name))
        if not is_test(os.path.join(tests, path)):
            yield "no such test: " + path


def main():
    table, tests = sys.argv[1:]
    count = failures = 0
    for number, cells in rows(table):
        count += 1
        for problem in problems(cells, tests):
            failures += 1
            print("%s:%d: %s" % (table, number, problem))
    print("%d rows" % count)
    return 1 if failures or count < 40 else 0


if __name__ == "__main__":
    sys.exit(main())
