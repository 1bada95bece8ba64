#!/bin/sh
# mpsh: a shell for SHELL= of a stock make. Each line goes to a session (mpshd) that runs already, which has it run on the least
# loaded node; see mpsh(1). It costs little because it uses builtins only: no fork, and no exec but that of a line that stays here.
#
# The session is told our process id by its FIFO. It takes arguments, environment, directory and descriptors from /proc (standard
# input as 7 and output as 6, for "read" and "echo" have 0 and 1 replaced while they are at it), and answers through descriptor 9: "ok" at once, so that from then on its end would be noticed, and then one of
#   exit N   the line has ended so        signal N   by this signal
#   here     the line is to run here      alone      it has descriptors that cannot be opened anew: mexecvp is to run it
#   again    the session has ended, and the line was not started

mpsh_shell=${MPSH_SHELL:-/bin/sh}
case $0 in */*) mpsh_home=${0%/*} ;; *) mpsh_home=$(command -v -- "$0") && mpsh_home=${mpsh_home%/*} ;; esac

# Anything but a line on the command line is for the shell itself.
mpsh_line=
for mpsh_word; do
  case $mpsh_word in
    --*) break ;;
    -*c*) mpsh_line=yes; break ;;
    [-+]?*) ;;
    *) break ;;
  esac
done
if [ -z "$mpsh_line" ] || [ ! -r /proc/self/stat ]; then exec "$mpsh_shell" "$@"; fi

mpsh_dir=${MPSH_DIR-}
if [ -z "$mpsh_dir" ] && [ "${XDG_RUNTIME_DIR-}" ] && [ -O "$XDG_RUNTIME_DIR" ]; then mpsh_dir=$XDG_RUNTIME_DIR/mpsh; fi
if [ -z "$mpsh_dir" ]; then
  while read -r mpsh_word mpsh_uid mpsh_rest && [ "$mpsh_word" != Uid: ]; do :; done </proc/self/status
  mpsh_dir=${TMPDIR:-/tmp}/mpsh-$mpsh_uid
fi

mpsh_fail() {
  echo "mpsh: $1" >&2
  exit 111
}

# Field 22 of /proc/PID/stat, by which a process is told from a later one of its number.
mpsh_started() {
  shift 19
  mpsh_since=$1
}

# Whether a session serves this directory, which nobody else can have put there.
mpsh_alive() {
  [ -p "$mpsh_dir/in" ] && [ -O "$mpsh_dir" ] && [ ! -h "$mpsh_dir" ] || return 1
  { read -r mpsh_pid mpsh_serves <"$mpsh_dir/pid" && read -r mpsh_stat <"/proc/$mpsh_pid/stat"; } 2>/dev/null || return 1
  mpsh_started ${mpsh_stat##*) }
  [ "$mpsh_since" = "$mpsh_serves" ]
}

# One of those that find no session starts it; the others wait for that.
mpsh_start() {
  [ -d "$mpsh_dir" ] || mkdir -m 700 -- "$mpsh_dir" 2>/dev/null
  if [ ! -d "$mpsh_dir" ] || [ ! -O "$mpsh_dir" ] || [ -h "$mpsh_dir" ]; then
    mpsh_fail "$mpsh_dir is not a directory of yours: set MPSH_DIR to another"
  fi
  mpsh_tries=0
  until mpsh_alive; do
    set -C
    if { echo "$$" >"$mpsh_dir/starting"; } 2>/dev/null; then
      set +C
      mpsh_alive || "$mpsh_home/mpshd" "$mpsh_dir" </dev/null >&2
      rm -f -- "$mpsh_dir/starting"
      mpsh_alive || mpsh_fail "no session can be started"
    else
      set +C
      { read -r mpsh_pid <"$mpsh_dir/starting"; } 2>/dev/null
      if ! kill -0 "$mpsh_pid" 2>/dev/null; then rm -f -- "$mpsh_dir/starting"; fi
      mpsh_tries=$((mpsh_tries + 1))
      if [ "$mpsh_tries" -gt 200 ]; then mpsh_fail "the session in $mpsh_dir does not start"; fi
      sleep 0.05
    fi
  done
}

if [ -e /proc/self/fd/0 ]; then exec 7<&0; fi
if [ -e /proc/self/fd/1 ]; then exec 6>&1; fi
mpsh_verdict=again
while [ "$mpsh_verdict" = again ]; do
  mpsh_alive || mpsh_start
  # A pipe without a fork: that of a here-document. Read and write, it does not end before the session has opened it.
  exec 9<<mpsh
x
mpsh
  if [ -p /proc/self/fd/9 ]; then
    exec 9<>/proc/self/fd/9
    read -r mpsh_rest <&9
  else
    mkfifo -m 600 -- "$mpsh_dir/answer.$$" || exit 111
    exec 9<>"$mpsh_dir/answer.$$"
    rm -f -- "$mpsh_dir/answer.$$"
  fi
  echo "$$" 1<>"$mpsh_dir/in"
  read -r mpsh_verdict mpsh_number <&9
  exec 8</proc/self/fd/9 9<&-
  if [ "$mpsh_verdict" = ok ]; then
    read -r mpsh_verdict mpsh_number <&8 || mpsh_fail "the session was lost, and the line with it; see $mpsh_dir/log"
  fi
  exec 8<&-
done
exec 6>&- 7<&-

case $mpsh_verdict in
  exit) exit "$mpsh_number" ;;
  signal)
    ulimit -c 0
    kill "-$mpsh_number" "$$"
    exit $((128 + mpsh_number))
    ;;
  here) exec "$mpsh_shell" "$@" ;;
  alone) exec "$mpsh_home/mexecvp" "$mpsh_shell" "$@" ;;
esac
mpsh_fail "the session said $mpsh_verdict"
