"""The test suite's configuration: what a test is, and what it may write.

Substitutions, besides lit's own (%s, %S, %t, ...):

  %gradcc          the compiler, as this build tree made it
  %cc              gcc at -O1, C11, warnings are errors, no contraction
  %clang           the same with clang
  %sanitize        flags that add ASan and UBSan to %cc or %clang
  %runtime         flags to find gradrt.h
  %links           the runtime library and libm; last on a command line
  %sanitize_links  the same, with an instrumented runtime
  %filecheck       FileCheck; the plain name works too
  %check           flags to find check.h, the numerical checks
  %main            flags for a test's own main(): TEST_MAIN, %check, and
                   GENERATED_HEADER, which is %t_grad.h
  %data            the folder of test data
  %source_root     the repository, for tests of its structure
  %build_root      the build tree, for tests of the installation
  %clang_path      clang without flags
  %cmake, %python  those that the build uses; %generator: its generator
"""
import os
import shutil
import subprocess
import tempfile

import lit.formats

flags = "-std=c11 -Wall -Wextra -Werror -O1 -ffp-contract=off"
flags += " -Wno-unknown-pragmas"  # gradcc's own, in annotated sources


def substitute(name, text):
    config.substitutions.append(("%" + name + r"\b", text))


def scripts_without_run_lines(root):
    """Names of the .sh files under root that are helpers, not tests."""
    for folder, _, files in os.walk(root):
        for name in files:
            if name.endswith(".sh"):
                with open(os.path.join(folder, name), errors="replace") as f:
                    if "RUN:" not in f.read():
                        yield name


def thread_sanitizer_works():
    """ThreadSanitizer runs in fixed address space only, if at all."""
    if not shutil.which("setarch"):
        return False
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "program")
        steps = (
            [config.gcc, "-fsanitize=thread", "-xc", "-", "-o", program],
            ["setarch", "-R", program],
        )
        return all(
            subprocess.run(
                step, input=b"int main(void) { return 0; }",
                capture_output=True
            ).returncode == 0
            for step in steps
        )


config.name = "gradcc"
config.test_format = lit.formats.ShTest(execute_external=True)
config.suffixes = [".c", ".test", ".ir", ".sh"]
config.excludes = ["Inputs", "data", "bench"]
config.excludes += scripts_without_run_lines(config.test_source_root)

# The compiler keeps its memory until it exits, by design, so its leaks are
# none. What its sanitizers find must look like a crash: `not` takes an exit
# status of 1 for an error message, but never a signal.
sanitizer_options = (
    "ASAN_OPTIONS=detect_leaks=0:abort_on_error=1 "
    "UBSAN_OPTIONS=abort_on_error=1:print_stacktrace=1"
)
if config.gradcc:
    config.available_features.add("gradcc")
    substitute("gradcc", "env %s %s" % (sanitizer_options, config.gradcc))
else:
    substitute("gradcc", "gradcc-is-not-built")

# Made of others, which therefore follow.
substitute(
    "main", "-DTEST_MAIN -DGENERATED_HEADER='\"%t_grad.h\"' %check %runtime"
)
substitute("cc", config.gcc + " " + flags)
substitute("clang", config.clang + " " + flags)
substitute(
    "sanitize", "-fsanitize=address,undefined -fno-sanitize-recover=all -g"
)
substitute("runtime", "-I " + config.source_root + "/runtime/include")
substitute("links", config.gradrt + " -lm")
substitute("sanitize_links", config.gradrt_sanitized + " -lm")
substitute("clang_path", config.clang)
substitute("filecheck", config.filecheck)
substitute("check", "-I " + config.test_source_root + "/include")
substitute("data", config.test_source_root + "/data")
substitute("source_root", config.source_root)
substitute("build_root", config.build_root)
substitute("cmake", config.cmake)
substitute("python", config.python)
substitute("generator", "'" + config.generator + "'")

tools = {os.path.dirname(t) for t in (config.filecheck, config.llvm_not)}
path = sorted(tools) + [config.environment.get("PATH", "")]
config.environment["PATH"] = os.path.pathsep.join(path)
config.environment["LC_ALL"] = "C"

for feature in ("pkg-config", "make", "ninja", "dot"):
    if shutil.which(feature):
        config.available_features.add(feature)
if os.path.exists("/usr/include/suitesparse/umfpack.h"):
    config.available_features.add("umfpack")
if thread_sanitizer_works():
    config.available_features.add("tsan")
