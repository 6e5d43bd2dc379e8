#!/bin/sh
# tools/test.sh [lit option | path] ... - builds gradcc with the sanitizers and
# runs the test suite on it, or only the tests under the given paths.
#
# The last line of standard output is "N passed, N failed", alone. The exit
# status is 0 if something passed and nothing failed.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
build=$top/build/sanitize

"$top/tools/setup" test
"$top/tools/build.sh" sanitize

# The results tell what failed, so lit's own exit status is not looked at.
# A run without any path is a run of everything.
whole=yes
for argument; do
    if [ -e "$argument" ]; then
        whole=
    fi
done

mkdir -p "$build/test"
rm -f "$build/test/results.json"
"$build/test/lit" --verbose --order=smart \
    -j "$(getconf _NPROCESSORS_ONLN)" --output "$build/test/results.json" \
    "$@" ${whole:+"$top/test"} || true
exec python3 "$top/tools/count_tests.py" "$build/test/results.json"
