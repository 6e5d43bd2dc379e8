"""tree.py ROOT - checks what the architecture says about the files themselves.

  - a room includes only the rooms that it may know, by their door header
    (ROOM/ROOM.h, and tables: *.def), and clang-c/ only in the front end;
  - no file of code is longer than a reader's patience, or wider than 80;
  - the top of the repository holds what it should and nothing else;
  - nothing points to a place outside of the repository.

Prints each breach with its place and exits with 1 if there is any.
"""
import os
import re
import sys

# What each room may include besides itself. lib/CMakeLists.txt links the same.
MAY_INCLUDE = {
    "support": [],
    "ir": ["support"],
    "frontend": ["ir", "support"],
    "analysis": ["ir", "support"],
    "optimize": ["analysis", "ir", "support"],
    "differentiate": ["optimize", "analysis", "ir", "support"],
    "emit": ["ir", "support"],
    "driver": ["frontend", "emit", "differentiate", "optimize", "analysis",
               "ir", "support"],
    "gradcc": ["driver", "support"],
}
TOP = {"tools", "lib", "runtime", "test", "docs", "CMakeLists.txt",
       "README.md", "CMakePresets.json", "LICENSE"}
CODE = (".c", ".h", ".py", ".sh", ".cmake")
LONGEST = 800
WIDEST = 80
OUTSIDE = re.compile(r"\.\./" r"shared|/work/" r"(main|shared)")
INCLUDE = re.compile(r'\s*#\s*include\s*(["<])([^">]+)[">]')


def files_below(root, folder):
    """The files in root/folder, as paths relative to root, sorted."""
    for here, folders, names in os.walk(os.path.join(root, folder)):
        folders[:] = sorted(f for f in folders if f != "__pycache__")
        for name in sorted(names):
            yield os.path.relpath(os.path.join(here, name), root)


def lines_of(root, path):
    with open(os.path.join(root, path), errors="replace") as file:
        return file.read().split("\n")


def room_of(path):
    """The room that a source file is in: lib/ROOM/... or tools/ROOM/..."""
    parts = path.split(os.sep)
    return parts[1] if len(parts) > 2 else None


def is_door(room, header):
    return header == "%s/%s.h" % (room, room) or header.endswith(".def")


def bad_include(room, quote, header):
    """What is wrong with this #include in a file of this room, or None."""
    target = header.split("/")[0]
    if target == "clang-c" or target in ("clang", "llvm", "llvm-c"):
        allowed = room == "frontend" and target == "clang-c"
        return None if allowed else "only the front end includes clang-c/"
    if quote == "<":
        return None
    if "/" not in header:
        return "includes inside the project are written ROOM/FILE"
    if target == room:
        return None
    if target not in MAY_INCLUDE.get(room, []):
        return "%s must not know %s" % (room, target)
    if not is_door(target, header):
        return "%s is private to its room" % header
    return None


def check_includes(root):
    for folder in ("lib", "tools"):
        for path in files_below(root, folder):
            room = room_of(path)
            if not path.endswith((".c", ".h", ".def")):
                continue
            if room not in MAY_INCLUDE:
                yield path, 1, "%s is not a room of the architecture" % room
                continue
            for number, line in enumerate(lines_of(root, path), 1):
                match = INCLUDE.match(line)
                problem = match and bad_include(room, *match.groups())
                if problem:
                    yield path, number, problem


def check_runtime(root):
    for path in files_below(root, "runtime"):
        for number, line in enumerate(lines_of(root, path), 1):
            match = INCLUDE.match(line)
            if match and match[1] == '"' and "/" in match[2]:
                yield path, number, "the runtime depends on nothing"


def check_sizes(root):
    for folder in ("lib", "tools", "runtime", "test"):
        for path in files_below(root, folder):
            if not path.endswith(CODE):
                continue
            lines = lines_of(root, path)
            if len(lines) - 1 > LONGEST:
                yield path, LONGEST, "%d lines are too many" % (len(lines) - 1)
            if folder == "test":
                continue  # RUN lines
            for number, line in enumerate(lines, 1):
                if len(line) > WIDEST:
                    yield path, number, "%d columns are too many" % len(line)


def check_top(root):
    for name in sorted(os.listdir(root)):
        if name not in TOP and name[0] != "." and name[:5] != "build":
            yield name, 1, "does not belong to the top of the repository"


def check_outside(root):
    for top in sorted(TOP & set(os.listdir(root))):
        is_file = os.path.isfile(os.path.join(root, top))
        for path in [top] if is_file else files_below(root, top):
            for number, line in enumerate(lines_of(root, path), 1):
                if OUTSIDE.search(line):
                    yield path, number, "points outside of the repository"


def main(root):
    checks = (check_includes, check_runtime, check_sizes, check_top,
              check_outside)
    found = [breach for check in checks for breach in check(root)]
    for path, number, problem in found:
        print("%s:%d: %s" % (path, number, problem))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
