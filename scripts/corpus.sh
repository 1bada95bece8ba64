#!/bin/bash
# Builds real source trees with dist/mpmake, here and over three workers, and compares every file with GNU make's result.
#
#   scripts/corpus.sh SHARED TREE…      SHARED/corpus/corpus.sh does the work and knows the trees
#
# Prints each tree's verdict and, last, `N passed, N failed, N skipped`.
set -u
[ $# -ge 2 ] || { sed -n '2,6p' "$0"; exit 2; }
cd "$(dirname "$0")/.." || exit 2
corpus=$1/corpus/corpus.sh
shift
trees=("$@")
if [ ! -f "$corpus" ]; then
  echo "skipped $((2 * ${#trees[@]})): the corpus is not beside this tree ($corpus)"
  echo "0 passed, 0 failed, $((2 * ${#trees[@]})) skipped"
  exit 0
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/mpmake-corpus.XXXXXX") || exit 2
workers=()
passed=0 failed=0

finish() {
  [ ${#workers[@]} = 0 ] || kill "${workers[@]}" 2>/dev/null
  wait 2>/dev/null
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

count() { if [ "$1" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi; }

# A port that answers nobody now.
free_port() {
  node -e 'const s = require("net").createServer(); s.listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

# Where the corpus watches for runs of the system's make, the workers' recipes are watched too.
leakmake=${CORPORA_CACHE:-/var/tmp/corpora}/leakmake
apart=()
watch_make() {
  [ "$(id -u)" = 0 ] && [ -f "$leakmake" ] && unshare -m true 2>/dev/null || return 0
  apart=(unshare -m sh -c 'mount --bind "$0" /usr/bin/make && exec "$@"' "$leakmake")
}

start_worker() { # PORT
  local log=$work/worker.$1 tries
  ${apart[@]+"${apart[@]}"} "$PWD/dist/mexecd" --key "$work/key" --listen "127.0.0.1:$1" --slots 2 --audit "$log.jobs" \
    ${as_root[@]+"${as_root[@]}"} >"$log.out" 2>"$log.err" </dev/null &
  workers+=($!)
  for ((tries = 0; tries < 100; tries++)); do
    grep -q '^mexecd: listening on ' "$log.out" && return
    kill -0 $! 2>/dev/null || break
    sleep 0.1
  done
  echo "worker on port $1 did not start:" && cat "$log.err"
  return 1
}

echo "== here"
for tree in "${trees[@]}"; do
  bash "$corpus" "$tree" "$PWD/dist/mpmake" 4
  count $?
done

echo "== over three workers"
as_root=()
[ "$(id -u)" != 0 ] || as_root=(--allow-root)
dist/ckeygen "$work/key" "$work/key.pub" && watch_make
nodes= ports=
for _ in 1 2 3; do
  port=$(free_port) && start_worker "$port" || { failed=$((failed + 1)); break; }
  ports="$ports $port"
  nodes=$nodes${nodes:+,}127.0.0.1:$port*2
done
export NODES=$nodes MPMAKE_KEY=$work/key.pub CORPORA_PASSENV="NODES ${CORPORA_PASSENV:-}"
for tree in "${trees[@]}"; do
  bash "$corpus" "$tree" "$PWD/dist/mpmake" 4
  count $?
done
# that the build was the workers' work is a test too
for port in $ports; do
  jobs=$(cat "$work/worker.$port.jobs" 2>/dev/null | wc -l)
  echo "worker on port $port: $jobs lines in its log of jobs"
  [ "$jobs" -gt 0 ]
  count $?
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
