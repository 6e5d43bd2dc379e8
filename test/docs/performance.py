"""The examples of docs/performance.md are what gradcc makes: below a heading
that names a switch stand a source, lines of what becomes of it, and lines of
what becomes of it with that switch.

    performance.py PAGE FOLDER GRADCC...
"""
import os
import re
import subprocess
import sys

EXAMPLE = re.compile(r"^### .*`(--no-[a-z-]+)`$", re.MULTILINE)
BLOCK = re.compile(r"```c\n(.*?)```", re.DOTALL)


def main():
    page, folder, *gradcc = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    with open(page) as file:
        parts = EXAMPLE.split(file.read())
    examples = list(zip(parts[1::2], parts[2::2]))
    for switch, text in examples:
        source, *wanted = BLOCK.findall(text)
        path = os.path.join(folder, "example.c")
        with open(path, "w") as file:
            file.write(source)
        for options, lines in zip(([], [switch]), wanted):
            made = subprocess.run(
                [*gradcc, *options, path, "-o", "-"], stdout=subprocess.PIPE,
                text=True, check=True).stdout
            if lines not in made:
                sys.exit(f"{switch}: the page shows\n{lines}\nbut gradcc "
                         f"{' '.join(options)} makes\n{made}")
    print("%d examples" % len(examples))
    return len(examples) < 8


sys.exit(main())
