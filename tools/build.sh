#!/bin/sh
# tools/build.sh PRESET - configures and builds one of CMakePresets.json's
# presets into build/PRESET; with ninja where there is one.
set -eu
cd "$(dirname "$0")/.."
preset=$1

if [ ! -e "build/$preset/CMakeCache.txt" ] &&
    [ -z "${CMAKE_GENERATOR:-}" ] && command -v ninja >/dev/null; then
    export CMAKE_GENERATOR=Ninja
fi
cmake --preset "$preset"
cmake --build "build/$preset" --parallel "$(getconf _NPROCESSORS_ONLN)"
