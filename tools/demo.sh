#!/bin/sh
# tools/demo.sh - builds gradcc, then builds and runs docs/examples/digits: a
# network that learns to read digits by the gradient that gradcc generates.
set -eu
cd "$(dirname "$0")/.."
example=docs/examples/digits
output=build/examples/digits

echo "== What gradcc needs"
tools/setup build
echo "== Building gradcc"
tools/build.sh release
echo "== Differentiating and building $example"
cmake -S $example -B $output -DCMAKE_BUILD_TYPE=Release \
    -Dgradcc_DIR="$PWD/build/release/package"
cmake --build $output
echo "== Training"
cd $output
exec ./digits "$@"
