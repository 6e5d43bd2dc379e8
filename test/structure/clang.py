"""clang.py CLANG BUILD - compiles the project's sources with clang, too.

The build's own compiler has its warnings as errors already; this does the
same for clang's, on the commands of BUILD/compile_commands.json.
"""
import json
import os
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor


def clang_command(clang, entry):
    words = shlex.split(entry["command"])[1:]
    kept = [w for w in words if re.match(r"-(D|I|std=|W)", w)]
    system = [words[i + 1] for i, w in enumerate(words) if w == "-isystem"]
    for folder in system:
        kept += ["-isystem", folder]
    return [clang, "-fsyntax-only", "-Werror", *kept, entry["file"]]


def main(clang, build):
    with open(os.path.join(build, "compile_commands.json")) as file:
        entries = json.load(file)
    commands = [clang_command(clang, e) for e in entries
                if os.path.exists(e["file"])]

    def run(command):
        return subprocess.run(command, stderr=subprocess.PIPE, text=True)

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(run, commands))
    for result in results:
        sys.stdout.write(result.stderr)
    print("%d files compiled" % len(results))
    return 1 if any(r.returncode for r in results) or not results else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
