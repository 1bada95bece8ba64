#!/bin/bash
# The cexec tools and mpmake on four machines of two networks, from the key to the result. The machines are network namespaces, which
# end with this script; nothing of this machine's own network is touched.
#
#   bash scripts/walk-through.sh      needs root, ip, unshare and nsenter; status 77: no namespaces can be made here
#
#     client 10.91.1.1 ── 10.91.1.2 relay 10.91.2.1 ─┬─ 10.91.2.2 near
#                                                     └─ 10.91.2.3 far
set -u
dist=$(cd "$(dirname "$0")/.." && pwd)/dist
work=$(mktemp -d "${TMPDIR:-/tmp}/mpmake-walk.XXXXXX") || exit 2
export TMPDIR=$work PATH=$dist:$PATH LC_ALL=C
unset GROUP NODES MAKEFLAGS MAKELEVEL
started=()

finish() {
  local pid
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null; done
  for pid in "${started[@]}"; do wait "$pid" 2>/dev/null; done
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

say() { printf '\n== %s\n' "$*"; }
fail() {
  printf 'walk-through: %s\n' "$*" >&2
  exit 1
}
skip() {
  printf 'walk-through: skipped, %s\n' "$*"
  exit 77
}
command -v ip >/dev/null || skip "ip is not installed"

# A machine is a process that holds a network namespace: MACHINE names its number.
machine() {
  local ready=$work/$1.ready
  mkdir "$work/$1"
  unshare --net -- sh -c 'ip link set lo up && : >"$1" && exec sleep infinity' sh "$ready" 2>"$work/$1.error" &
  started=("$!" "${started[@]}")
  printf -v "$1" %s "$!"
  until [ -e "$ready" ]; do
    kill -0 "$!" 2>/dev/null || skip "network namespaces cannot be made here ($(head -1 "$work/$1.error"))"
    sleep 0.05
  done
}

# on MACHINE COMMAND…: there, in its own directory.
on() {
  local name=$1
  shift
  (cd "$work/$name" && exec nsenter --target "${!name}" --net -- "$@")
}

# begin MACHINE LOG COMMAND…: in the background, until it says that it listens.
begin() {
  local name=$1 log=$work/$2 tries
  shift 2
  (cd "$work/$name" && exec nsenter --target "${!name}" --net -- "$@") >"$log" 2>&1 &
  started=("$!" "${started[@]}")
  for ((tries = 0; tries < 600; tries++)); do
    grep -q listening "$log" && return
    kill -0 "$!" 2>/dev/null || break
    sleep 0.05
  done
  fail "$* does not start: $(cat "$log")"
}

# join MACHINE ADDRESS: a wire to the relay, which leads to its bridge unless an ADDRESS of the relay's is given.
join() {
  ip link add "to-$1" netns "$relay" type veth peer name wire netns "${!1}" &&
    on "$1" ip address add "$2/24" dev wire && on "$1" ip link set wire up && on relay ip link set "to-$1" up ||
    skip "virtual wires cannot be made here"
  if [ $# -gt 2 ]; then on relay ip address add "$3/24" dev "to-$1"; else on relay ip link set "to-$1" master bridge; fi
}

say "four machines, two networks"
for name in client relay near far; do machine "$name"; done
on relay ip link add bridge type bridge 2>/dev/null || skip "virtual bridges cannot be made here"
on relay ip address add 10.91.2.1/24 dev bridge
on relay ip link set bridge up
join client 10.91.1.1 10.91.1.2
join near 10.91.2.2
join far 10.91.2.3
on client ip route get 10.91.2.2 >/dev/null 2>&1 && fail "the networks are one"
echo "client 10.91.1.1, relay 10.91.1.2 and 10.91.2.1, near 10.91.2.2, far 10.91.2.3"

say "a key, and who holds what of it"
(cd "$work" && ckeygen encode && ckeygen --relay encode) || fail "no key"
for name in near far; do install -m 600 "$work/encode" "$work/$name"; done
install -m 600 "$work/encode.pub" "$work/client"
install -m 600 "$work/encode.relay" "$work/relay"
(cd "$work" && ls client/encode* relay/encode* near/encode* far/encode*)

if command -v oggenc >/dev/null; then filter=(oggenc -Q -s 7 -); else filter=(gzip -9nc); fi
say "services: ${filter[*]}"
begin near near.log cservice --name near encode "${filter[@]}"
begin far far.log cservice --name far encode "${filter[@]}"

say "a relay, and who listens to what happens"
begin relay relay.log cproxy --key encode.relay to-client:255.255.255.255 bridge:255.255.255.255
begin relay back.log cproxy --key encode.relay bridge:255.255.255.255 to-client:255.255.255.255
(cd "$work/client" && exec nsenter --target "$client" --net -- crat encode.pub) >"$work/crat.log" 2>&1 &
started=("$!" "${started[@]}")

say "the same done here and there"
# A second of a tone, as a WAV file
node -e '
  const rate = 44100, data = Buffer.alloc(2 * rate), head = Buffer.alloc(44);
  for (let i = 0; i < rate; i++) data.writeInt16LE(Math.round(8000 * Math.sin((i * 2 * Math.PI * 440) / rate)), 2 * i);
  head.write("RIFF"); head.writeUInt32LE(36 + data.length, 4); head.write("WAVEfmt ", 8); head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20); head.writeUInt16LE(1, 22); head.writeUInt32LE(rate, 24); head.writeUInt32LE(2 * rate, 28);
  head.writeUInt16LE(2, 32); head.writeUInt16LE(16, 34); head.write("data", 36); head.writeUInt32LE(data.length, 40);
  process.stdout.write(Buffer.concat([head, data]));' >"$work/client/input" || fail "no input"
(cd "$work/client" && "${filter[@]}" <input >expected) || fail "${filter[*]} fails here"
for run in 1 2 3; do
  on client cexec --timeout-accept 30 encode.pub <"$work/client/input" >"$work/client/output" || fail "cexec ends with status $?"
  cmp "$work/client/expected" "$work/client/output" || fail "the output is another"
done
echo "three times $(wc -c <"$work/client/input") bytes to $(wc -c <"$work/client/output"), the same as here"
for ((tries = 0; tries < 200; tries++)); do
  grep -q 'completed by' "$work/crat.log" && break
  sleep 0.05
done
grep -m 3 'completed by' "$work/crat.log" || fail "crat tells nothing: $(cat "$work/crat.log")"

say "a build, over the same relay, on nodes that nobody has listed"
for name in near far; do
  begin "$name" "$name.node.log" mexecd --allow-root --key encode --name "$name" --slots 1 --listen 127.0.0.1:0 \
    --group 255.255.255.255 10.91.2.0 255.255.255.0
done
printf 'all: 1 2 3 4\n1 2 3 4:\n\t@sleep 0.2; ip -brief address show dev wire | grep -o "10[.]91[0-9.]*" >$@\n' >"$work/client/Makefile"
on client mpmake -j2 --strict --group 255.255.255.255 --key encode.pub || fail "the build ends with status $?"
where=$(cd "$work/client" && cat 1 2 3 4 | sort | uniq -c)
echo "$where"
[ "$(wc -l <<<"$where")" -le 2 ] && ! grep -q '10\.91\.1\.' <<<"$where" || fail "recipes ran elsewhere"

say "all is well"
