#!/bin/bash
# Runs GNU make's own regression suite against dist/mpmake and says how many of its tests pass.
#
#   scripts/conformance.sh SHARED [OPTION…]      SHARED/conformance/run-suite.sh does the work and takes the options
set -u
[ $# -ge 1 ] || { sed -n '2,4p' "$0"; exit 2; }
cd "$(dirname "$0")/.." || exit 2
suite=$1/conformance/run-suite.sh
shift
if [ ! -f "$suite" ]; then
  echo "skipped 1: the suite's runner is not beside this tree ($suite)"
  echo "0 passed, 0 failed, 1 skipped"
  exit 0
fi
# C objects that a makefile loads are nothing that a make without a C interface can take.
# Some tests have processes end themselves by SIGINT, which a run in the background would ignore.
exec env --default-signal=INT,QUIT bash "$suite" -s 4.4.1 -X features/load -X features/loadapi "$@" dist/mpmake
