#!/bin/bash
# Compares dist/mpmake with a real GNU make 4.4.1: what test/makefiles records of it, and as many random makefiles from a fresh
# seed, which is printed, as are named.
#
#   scripts/oracle.sh SHARED [CASES]      SHARED/conformance/oracle.sh builds GNU make 4.4.1; 500 fresh cases unless told
#
# Prints, last, `N passed, N failed, N skipped`.
set -u
[ $# -ge 1 ] || { sed -n '2,7p' "$0"; exit 2; }
cd "$(dirname "$0")/.." || exit 2
maker=$1/conformance/oracle.sh
cases=${2:-500}
if [ ! -f "$maker" ]; then
  echo "skipped 2: what builds GNU make 4.4.1 is not beside this tree ($maker)"
  echo "0 passed, 0 failed, 2 skipped"
  exit 0
fi

passed=0 failed=0
count() { if [ "$1" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi; }

MPMAKE_ORACLE=$(bash "$maker") || { echo "0 passed, 2 failed, 0 skipped"; exit 1; }
export MPMAKE_ORACLE
node scripts/oracle.mjs --quiet
count $?
node scripts/fuzz.mjs --count "$cases"
count $?
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
