"""keep.py - writes a finding down: the program, how to reproduce it, and a
smaller program that still shows it."""
import os
import shlex

import checker
import reduce
from toolchain import CONFIGURATIONS, write


def folder_of(case, keep):
    return os.path.join(os.path.abspath(keep), "seed-%d" % case.seed)


def write_case(case, settings, folder, keep):
    here = folder_of(case, keep)
    os.makedirs(here, exist_ok=True)
    finding = case.finding
    write(here, "u%d.c" % case.seed, case.harness)
    for file in case.files:
        write(here, file.name + ".c", file.source)
        for end in ("_grad.c", "_grad.h"):
            path = os.path.join(folder, file.name + end)
            if os.path.exists(path):
                with open(path, errors="replace") as output:
                    write(here, file.name + end, output.read())
    write(here, "finding.txt", "%s\n\n%s\n" % (finding.summary(),
                                               finding.output))
    write(here, "reproduce.sh", script(case, settings))
    print_finding(case, here)


def print_finding(case, here):
    print("finding: seed %d: %s\n         see %s" % (
        case.seed, case.finding.summary(), here), flush=True)


def script(case, settings):
    """A shell script that goes the same way again, in its own folder."""
    gradcc = [settings.gradcc] + [name + ".c" for name in case.names]
    lines = ["#!/bin/sh -e", 'cd "$(dirname "$0")"',
             shlex.join(gradcc + settings.options + case.options)]
    configuration = CONFIGURATIONS.get(case.finding.configuration)
    if configuration and not configuration.links:
        lines.append(shlex.join(configuration.command() + [
            name + "_grad.c" for name in case.names]))
    elif configuration:
        lines += compile_lines(case, configuration, settings)
    return "\n".join(lines) + "\n"


def compile_lines(case, configuration, settings):
    command = shlex.join(configuration.command())
    objects, names = [], ["program_" + case.name]
    folders = [("", "")]
    if case.is_single and configuration.wide:
        folders.append(("wide_", " " + shlex.join(checker.wide_flags(case))))
        names.append("program_%s_wide" % case.name)
    for prefix, flags in folders:
        for source in ["u%d" % case.seed] + [n + "_grad" for n in case.names]:
            target = prefix + source + ".o"
            yield "%s%s -DDERIVATIVES -c %s.c -o %s" % (command, flags,
                                                        source, target)
            objects.append(target)
    yield "cat > list.c <<END\n%sEND" % checker.list_text(
        names, checker.kinds(case, len(names) > 1))
    yield "%s list.c %s %s/*.c %s -o check -lm" % (
        command, " ".join(objects), checker.toolchain.RUNTIME,
        os.path.join(checker.toolchain.INPUTS, "driver.c"))
    yield "./check"


def reduce_case(case, settings, folder, keep, patience):
    """Writes reduced.c beside the finding."""
    here = folder_of(case, keep)
    smaller = reduce.reduce(case, settings, os.path.join(folder, "reduce"),
                            patience)
    write(here, "reduced.c", smaller)
    print("reduced: seed %d to %d lines, see %s" % (
        case.seed, smaller.count("\n"), os.path.join(here, "reduced.c")),
        flush=True)
