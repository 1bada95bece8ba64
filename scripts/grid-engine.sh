#!/bin/bash
# mpmake in jobs of a real Grid Engine: a qmaster and three execution hosts, each with a network, a host name and a folder for jobs of its
# own. They are namespaces that end with this script, however it ends; nothing of this machine's own network is touched. Debian's packages
# of Grid Engine are installed where they are missing, ask nothing, start no daemon, and stay.
#
#   scripts/grid-engine.sh [SHARED]      a tree of SHARED/corpus is built in a job, too; needs root and Debian; 3 minutes
#
# Prints each check as `ok TITLE` or `FAILED TITLE: WHY` and, last, `N passed, N failed, N skipped`.
set -u
shared=$([ $# -eq 0 ] || realpath -m -- "$1")
cd "$(dirname "$0")/.." || exit 2
top=$PWD
mpmake=$top/dist/mpmake
TREE=lua
CHECKS=12
packages=(gridengine-master gridengine-exec gridengine-client)
policy=/usr/sbin/policy-rc.d
passed=0 failed=0 skipped=0
work= holder= first= made_policy=

finish() {
  [ -z "$made_policy" ] || rm -f "$policy"
  if [ -n "$holder" ]; then
    # With the first process of the namespaces all others end; what holds them waits for that.
    kill -KILL "${first:-$holder}" 2>/dev/null
    wait "$holder" 2>/dev/null
  fi
  [ -z "$work" ] || rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

skip() { # HOW-MANY WHY
  echo "skipped $1: $2"
  skipped=$((skipped + $1))
}
summary() {
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" = 0 ]
  exit
}
cannot() {
  skip "$CHECKS" "$1"
  summary
}

# --- the machine ----------------------------------------------------------------
is_installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok installed'; }

install_packages() {
  local package lacking=()
  for package in "${packages[@]}"; do is_installed "$package" || lacking+=("$package"); done
  [ ${#lacking[@]} -gt 0 ] || return 0
  echo "installing ${lacking[*]}"
  if [ ! -e "$policy" ]; then
    made_policy=yes
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" || return
  fi
  {
    echo 'gridengine-common shared/gridengineconfig boolean false' | debconf-set-selections
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive timeout -k 10 900 apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${lacking[@]}"
  } >"$work/apt.log" 2>&1 </dev/null
  for package in "${lacking[@]}"; do is_installed "$package" || return; done
}

[ "$(id -u)" = 0 ] || cannot "machines of their own need root"
command -v apt-get >/dev/null && command -v debconf-set-selections >/dev/null || cannot "Grid Engine is installed from Debian's packages"
for program in ip nsenter setpriv unshare; do command -v "$program" >/dev/null || cannot "$program is not installed"; done
[ -x "$mpmake" ] || { echo "the tools are not built: npm run build" >&2; exit 2; }
work=$(mktemp -d "${TMPDIR:-/tmp}/mpmake-grid-engine.XXXXXX") || exit 2
chmod 755 "$work"
install_packages || { tail -5 "$work/apt.log"; cannot "Grid Engine cannot be installed here"; }

# --- the cluster ----------------------------------------------------------------
export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C HOME=$work
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_QMASTER_PORT=6444 SGE_EXECD_PORT=6445
unset GROUP NODES MAKEFLAGS MAKELEVEL MFLAGS TMPDIR $(compgen -e | grep '^MPMAKE_')
engine=$work/engine tree=$work/tree out=$work/out err=$work/err
mkdir "$engine" "$tree"

# Inside, where processes have other numbers; the qmaster's machine.
inside() { nsenter -t "$first" -m -n -u -i -p --wd="$tree" "$@"; }
# on NODE COMMAND…
on() { inside nsenter -t "$(<"$engine/$1")" -m -n -u -- "${@:2}"; }

# until_so SECONDS COMMAND…: looks until it is so.
until_so() {
  local deadline=$((SECONDS + $1))
  until "${@:2}"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.2
  done
}

is_up() { [ -e "$engine/up" ] || ! kill -0 "$holder" 2>/dev/null; }
setpriv --pdeathsig KILL unshare --mount --net --uts --ipc --pid --fork --kill-child \
  /bin/sh bench/lib/grid-engine.sh "$engine" 3 </dev/null >"$work/log" 2>&1 &
holder=$!
until_so 120 is_up
[ ! -s "$engine/pid" ] || first=$(<"$engine/pid")
# The qmaster's machine runs no jobs; a job begins at once and not at the next round.
settle='qconf -dattr queue hostlist n0 all.q
  qconf -ssconf | sed "s/^\(flush_[a-z]*_sec\) .*/\1 1/; s/^\(schedule_interval\) .*/\1 0:0:5/" >"$0"; qconf -Msconf "$0"'
if ! { [ -e "$engine/up" ] && inside timeout 60 sh -ec "$settle" "$work/scheduler" >>"$work/log" 2>&1; }; then
  tail -5 "$work/log"
  echo "FAILED a Grid Engine with three execution hosts starts"
  failed=1
  skip $((CHECKS - 1)) "there is no Grid Engine"
  summary
fi
passed=1
echo "ok a Grid Engine with three execution hosts starts"

# --- jobs -----------------------------------------------------------------------
why= job=
no() {
  why=$*
  return 1
}
fresh_tree() { rm -rf "$tree" "$work/status" && mkdir "$tree" && cp "$work"/files/* "$tree" && : >"$out" && : >"$err"; }

# submit LINE…: a job of six slots, of which each host gives two, runs these lines of bash in a tree that is made anew.
submit() {
  fresh_tree && printf '%s\n' 'echo $$ >pid' "$@" >"$work/lines" || return
  printf '%s\n' "cd '$tree' && cat \"\$PE_HOSTFILE\" >hosts" "bash '$work/lines'" "echo \$? >'$work/status'" >"$work/job"
  job=$(inside timeout 60 qsub -terse -S /bin/bash -V -pe make 6 -o "$out" -e "$err" "$work/job" </dev/null 2>"$work/log") || no "no job: $(<"$work/log")"
}
# Waits for the end of the lines. ended [STATUS]: which is to be this one, or 0.
ended() {
  until_so 240 test -s "$work/status" || no "no end within 240 s" || return
  [ "$(<"$work/status")" = "${1-0}" ] || no "it ended with status $(<"$work/status")"
}
hosts() { cut -d ' ' -f 1 "$tree/hosts"; }
# That nothing is said counts only if it was looked for.
is_alone() {
  local them
  them=$(left) && [ -z "$them" ]
}
is_alone_but_shepherds() {
  local them
  them=$(left) && ! grep -v '/sge_shepherd ' <<<"$them" | grep -q .
}
is_idle() {
  local jobs
  jobs=$(inside timeout 20 qstat) && [ -z "$jobs" ]
}

# What runs on the nodes besides their execution daemons, as `n1 1234 sleep 300`. What has a number and nothing else is gone.
left() {
  inside bash -c 'for node in n1 n2 n3; do
    place=/proc/$(<"$0/$node")/ns/net
    [ -e "$place" ] || exit 1
    for each in /proc/[0-9]*; do
      [ "$each/ns/net" -ef "$place" ] && { words=$(tr "\0\n" "  " <"$each/cmdline"); } 2>/dev/null || continue
      case $words in "" | "sleep infinity " | */sge_execd*) ;; *) echo "$node ${each#/proc/} ${words:0:80}" ;; esac
    done
  done' "$engine"
}
# The number of a node's execution daemon.
execd() {
  inside bash -c 'for each in /proc/[0-9]*; do
    [ "$each/ns/net" -ef "/proc/$0/ns/net" ] && grep -qs sge_execd "$each/cmdline" && echo "${each#/proc/}"
  done' "$(<"$engine/$1")"
}
end_execd() { inside kill -KILL "$(execd "$1")"; }
start_execd() { [ -n "$(execd "$1")" ] || on "$1" sge_execd >>"$work/log" 2>&1; }

# A host of the job's on which mpmake itself is not.
other_host() { hosts | sed -n 2p; }
has_begun() { [ "$(cat "$tree/begun" 2>/dev/null | wc -l)" -ge "$1" ]; }

nothing_is_left() { # SECONDS
  until_so "$1" is_alone || no "after $1 s there is left: $(left | head -5)" || return
  until_so 60 is_idle || no "Grid Engine still has a job: $(inside timeout 20 qstat)"
}

check() { # TITLE COMMAND…
  local title=$1 began=$SECONDS node pid
  why="its status is not 0"
  if "${@:2}" && nothing_is_left 30; then
    echo "ok $title ($((SECONDS - began)) s)"
    passed=$((passed + 1))
    return
  fi
  echo "FAILED $title: $why"
  echo "  job's output: $(tail -5 "$out")"
  echo "  job's errors: $(tail -5 "$err")"
  failed=$((failed + 1))
  # The next one begins with a cluster that is well.
  for node in n1 n2 n3; do
    on "$node" ip link set eth0 up
    start_execd "$node"
  done
  is_idle || inside timeout 20 qdel -f "$job" >/dev/null 2>&1
  left | while read -r node pid _; do inside kill -KILL "$pid" 2>/dev/null; done
}

mkdir "$work/files"
# Says where it runs, and waits until the same has been said of every host of the job.
cat >"$work/files/everywhere" <<'SCRIPT'
#!/bin/sh
host=$(uname -n)
echo "$1 $2 on $host by $PPID"
: >"on.$1.$host"
while read -r each rest; do until [ -e "on.$1.$each" ]; do sleep 0.1; done; done <hosts
SCRIPT
# Says that it has begun, and waits until its host may go on.
cat >"$work/files/wait" <<'SCRIPT'
#!/bin/sh
host=$(uname -n)
echo "$1 $host" >>begun
until [ -e go ] || [ -e "go.$host" ]; do sleep 0.1; done
echo "$host" >"$1"
SCRIPT
chmod 755 "$work"/files/*
cat >"$work/files/Makefile" <<'MAKEFILE'
names := 1 2 3 4 5 6 7 8 9 10 11 12
.PHONY: all above below under
all: $(names:%=above.%)
under: $(names:%=above.%); +@$(MAKE) --no-print-directory below
below: $(names:%=below.%)
above.%:; @./everywhere above $*
below.%:; @./everywhere below $*
MAKEFILE
printf 'all: a b c d e f\na b c d e f:\n\t@uname -n >>begun; sleep 300 & setsid sleep 301 & sleep 302\n' >"$work/files/sleep.mk"
printf 'names := 1 2 3 4 5 6 7 8 9 10 11 12\nall: $(names:%%=o%%)\no%%:; @./wait $@\n' >"$work/files/wait.mk"

# --- the checks -----------------------------------------------------------------
# said WORD: the hosts, and the workers there, of which recipes WORD have said that they ran on them.
said() { sed -n "s/^$1 [0-9]* on //p" "$out" | sort -u; }
is_quiet() { [ ! -s "$err" ] || no "something is said: $(head -3 "$err")"; }
ran_everywhere() { # WORD
  [ "$(grep -c "^$1 " "$out")" = 12 ] || no "not every recipe has run" || return
  [ "$(said "$1" | cut -d ' ' -f 1)" = "$(hosts | sort)" ] || no "$(hosts | tr '\n' ' ')gave slots, recipes ran on: $(said "$1")"
}

in_a_job() {
  submit "exec '$mpmake' -j6" && ended && is_quiet && ran_everywhere above
}
by_qrsh() {
  fresh_tree || return
  inside timeout 240 qrsh -V -cwd -pe make 6 bash -c "'cat \$PE_HOSTFILE >hosts; exec $mpmake -j6'" </dev/null >"$out" 2>"$err" && is_quiet && ran_everywhere above
}
same_below() { # [VARIABLE]
  local elsewhere
  submit "${1+export $1}" "exec '$mpmake' -j6 under" && ended && is_quiet && ran_everywhere above && ran_everywhere below || return
  elsewhere=$(said above | grep -v "^$(hosts | head -1) ")
  [ "$(said below | grep -v "^$(hosts | head -1) ")" = "$elsewhere" ] || no "other workers: $(said below)"
}
real_tree() {
  # What Grid Engine says of the job is let through to make.
  submit "export CORPORA_ARGS=--strict" \
    'export CORPORA_PASSENV=$(compgen -e | grep -E "^(SGE_|JOB_|PE|NSLOTS|NHOSTS|NQUEUES|QUEUE|ARC|REQUEST)" | tr "\n" " ")' \
    "exec bash '$corpus' $TREE '$mpmake' 4" && ended && grep -q "^PASS $TREE " "$out" || return
  grep "^PASS" "$out"
}

sleepers() {
  submit "exec '$mpmake' -j6 -f sleep.mk" && { until_so 60 has_begun 6 || no "recipes do not begin"; } || return
  [ "$(sort -u "$tree/begun")" = "$(hosts | sort)" ] || no "recipes run on $(sort -u "$tree/begun") alone" || return
  [ "$(left | sed -n 's/ [0-9]* sleep 30[0-2] $//p' | sort | uniq -c | tr -s ' ')" = "$(hosts | sort | sed 's/^/ 6 /')" ] || no "not all is seen: $(left)"
}
# signalled SIGNAL STATUS
signalled() {
  sleepers && inside kill "-$1" "$(<"$tree/pid")" && nothing_is_left 30 && ended "$2"
}
interrupted() {
  signalled INT 130 && { grep -q '^mpmake: [0-9]* processes on 2 nodes ended, 0 left$' "$err" || no "it is not said what was ended"; }
}
deleted() {
  sleepers && inside timeout 60 qdel "$job" >/dev/null && nothing_is_left 30 || return
  [ ! -e "$work/status" ] || no "the job went on to its end"
}

all_made() {
  local each
  for each in $(seq 12); do [ -s "$tree/o$each" ] || no "o$each was not made" || return; done
}
without_execd() {
  local other
  submit "exec '$mpmake' -j6 -f wait.mk" && { until_so 60 has_begun 6 || no "recipes do not begin"; } || return
  other=$(other_host)
  end_execd "$other" && : >"$tree/go" && ended && all_made && is_quiet || return
  until_so 30 is_alone || no "without its daemon $other still has: $(left)" || return
  start_execd "$other"
}
execd_is_missing() {
  local other
  submit 'until [ -e begin ]; do sleep 0.1; done' "exec '$mpmake' -j6 -f wait.mk" && until_so 60 test -s "$tree/hosts" || return
  other=$(other_host)
  end_execd "$other" && : >"$tree/go" && : >"$tree/begin" && ended && all_made || return
  grep -q "^mpmake: node $other is left out: " "$err" || no "that $other is missing is not said" || return
  cat "$err"
  start_execd "$other"
}
wire_is_cut() {
  local other each
  submit "exec '$mpmake' -j6 -f wait.mk" && { until_so 60 has_begun 6 || no "recipes do not begin"; } || return
  other=$(other_host)
  on "$other" ip link set eth0 down || return
  for each in $(hosts | grep -vx "$other"); do : >"$tree/go.$each"; done
  ended && all_made || return
  grep -q "^mpmake: node $other is left out: no sign of life" "$err" || no "that $other is lost is not said" || return
  ! grep -q 'cannot call back' "$err" || no "it is said to be unable to call" || return
  ! grep -qx "$other" "$tree"/o* || no "$other has made something all the same" || return
  # On the other side of the cut, too, where the shepherd of Grid Engine's own still wants to tell of it.
  until_so 30 is_alone_but_shepherds || no "behind the cut there is left: $(left)" || return
  on "$other" ip link set eth0 up
}

check "recipes of a job (qsub) run on all of its hosts, by one worker each, and nothing else is said" in_a_job
check "the same by qrsh" by_qrsh
check "a make below has the same hosts and workers" same_below
check "a make below that is a process of its own has them, too" same_below MPMAKE_SESSION=0
corpus=$shared/corpus/corpus.sh
if [ -z "$shared" ] || [ ! -f "$corpus" ]; then
  skip 1 "a real tree: there is no corpus (${shared:+$corpus is not there}${shared:-SHARED is not given})"
elif ! bash "$corpus" ref "$TREE" 4 >"$work/log" 2>&1; then # the machines have no way to where sources come from
  echo "FAILED $TREE cannot be had: $(tail -1 "$work/log")"
  failed=$((failed + 1))
else
  check "$TREE is built file for file as by GNU make" real_tree
fi
check "Ctrl-C leaves nothing on any host" interrupted
check "kill -9 of mpmake leaves nothing on any host" signalled KILL 137
check "qdel leaves nothing on any host" deleted
check "a host whose execution daemon is killed in mid-build goes on" without_execd
check "a host whose execution daemon is missing is done without, and named" execd_is_missing
check "a host whose wire is cut in mid-build is done without, named, and clean" wire_is_cut
summary
