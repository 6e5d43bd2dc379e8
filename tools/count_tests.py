"""count_tests.py RESULTS - prints "N passed, N failed" for lit's JSON output.

Exits with 0 if something passed and nothing failed. A test that cannot run
here (a tool is missing) counts as neither; one that passes although it is
marked as failing, that cannot be read, or that never finished, has failed.
"""
import json
import sys

PASSED = {"PASS", "FLAKYPASS", "XFAIL"}
NEITHER = {"UNSUPPORTED", "EXCLUDED"}


def count(path):
    try:
        with open(path) as results:
            codes = [test["code"] for test in json.load(results)["tests"]]
    except (OSError, ValueError, KeyError) as problem:
        print("count_tests: no results: %s" % problem, file=sys.stderr)
        return 0, 0
    passed = sum(code in PASSED for code in codes)
    neither = sum(code in NEITHER for code in codes)
    return passed, len(codes) - passed - neither


def main():
    passed, failed = count(sys.argv[1])
    print("%d passed, %d failed" % (passed, failed), flush=True)
    return 0 if passed and not failed else 1


sys.exit(main())
