"""The README tells the truth: its first C block, given to gradcc, makes the
second.

    readme.py README.md FOLDER GRADCC...
"""
import os
import re
import subprocess
import sys


def main():
    readme, folder, *gradcc = sys.argv[1:]
    with open(readme) as file:
        blocks = re.findall(r"```c\n(.*?)```", file.read(), re.DOTALL)
    source = os.path.join(folder, "loss.c")
    os.makedirs(folder, exist_ok=True)
    with open(source, "w") as file:
        file.write(blocks[0])
    made = subprocess.run(
        [*gradcc, source, "-o", "-"], stdout=subprocess.PIPE, text=True,
        check=True
    ).stdout
    if blocks[1] not in made:
        sys.exit(f"the README shows\n{blocks[1]}\nbut gradcc makes\n{made}")


main()
