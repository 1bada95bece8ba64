#!/bin/sh
# mpsh: a shell for SHELL= of a stock make. Each line goes to a session (mpshd) that runs already, which has it run on the least
# loaded node; see mpsh(1). It costs little because it uses builtins only: no fork, and no exec but that of a line that stays here.
#
# The session is told our process id by its FIFO, which is 8 until it has answered. It takes arguments, environment, directory and
# descriptors from /proc (standard input as 7 and output as 6, for "read" and "echo" have 0 and 1 replaced while they are at it; errors
# as 2, or as 5 when it is told "PID 5"), and answers through descriptor 9: "ok" at once, so that from then on its end would be
# noticed, and then one of
#   exit N   the line has ended so        signal N   by this signal
#   here     the line is to run here      alone      it has descriptors that cannot be opened anew: mexecvp is to run it
#   again    the session ends, and the line was not started
#   gone     in the place of "ok": the session was killed; what it leaves behind says so

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

# A line that names a descriptor above 2 which we were given stays here, where that is open: ">&3", "/dev/fd/3".
case $* in
  *[\<\>]\&[3-9]* | *[\<\>]\&[1-9][0-9]* | */fd/[3-9]* | */fd/[1-9][0-9]*)
    for mpsh_fd in /proc/self/fd/*; do
      if [ "$mpsh_fd" -ef "$0" ] || [ ! -e "$mpsh_fd" ]; then continue; fi
      mpsh_fd=${mpsh_fd##*/}
      if [ "$mpsh_fd" -le 2 ]; then continue; fi
      case "$* " in
        *[\<\>]\&"$mpsh_fd"[!0-9]* | */fd/"$mpsh_fd"[!0-9]*) exec "$mpsh_shell" "$@" ;;
      esac
    done
    ;;
esac

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

# Whether a session serves this directory, which nobody else can have put there: "session" leads to the directory that it is in.
mpsh_alive() {
  [ "$mpsh_dir/session" -ef "$mpsh_dir" ] && [ -p "$mpsh_dir/in" ] && [ -O "$mpsh_dir" ] && [ ! -h "$mpsh_dir" ]
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

# Opens 9 for reading on a pipe that holds a line, without a fork: it is that of a here-document. Some shells have files there.
mpsh_pipe() {
  exec 9<<mpsh
x
mpsh
  [ -p /proc/self/fd/9 ]
}

# Whether an output cannot be opened anew so that it means the same: a socket, a file whose position others share.
mpsh_is_bound() {
  if [ -S "/proc/self/fd/$1" ]; then return 0; fi
  if ! [ -f "/proc/self/fd/$1" ]; then return 1; fi
  while read -r mpsh_word mpsh_flags && [ "$mpsh_word" != flags: ]; do :; done <"/proc/self/fdinfo/$1"
  case $mpsh_flags in *[2367]???) return 1 ;; esac # O_APPEND
}

# The session gets pipes in their place, and a cat carries on what comes through: one if both lead to the same.
mpsh_carry() {
  if mpsh_is_bound 1 && mpsh_pipe; then
    exec 6>/proc/self/fd/9
    read -r mpsh_rest <&9
    command -p cat <&9 6>&- 7<&- 9<&- &
    mpsh_cats=$!
    if [ /proc/self/fd/1 -ef /proc/self/fd/2 ]; then
      exec 5>&6
      mpsh_errors=" 5"
      return
    fi
  fi
  if mpsh_is_bound 2 && mpsh_pipe; then
    exec 5>/proc/self/fd/9
    read -r mpsh_rest <&9
    command -p cat <&9 >&2 5>&- 6>&- 7<&- 9<&- &
    mpsh_cats="$mpsh_cats $!"
    mpsh_errors=" 5"
  fi
}

if [ -e /proc/self/fd/0 ]; then exec 7<&0; fi
if [ -e /proc/self/fd/1 ]; then exec 6>&1; fi
mpsh_cats=
mpsh_errors=
if ! [ -e /proc/self/fd/5 ]; then mpsh_carry; fi
mpsh_verdict=again
while [ "$mpsh_verdict" = again ]; do
  mpsh_alive || mpsh_start
  # Read and write, the pipe does not end before the session has opened it.
  if mpsh_pipe; then
    exec 9<>/proc/self/fd/9
    read -r mpsh_rest <&9
  else
    mkfifo -m 600 -- "$mpsh_dir/answer.$$" || exit 111
    exec 9<>"$mpsh_dir/answer.$$"
    rm -f -- "$mpsh_dir/answer.$$"
  fi
  exec 8<>"$mpsh_dir/in"
  echo "$$$mpsh_errors" >&8
  # Who tells of the session's end sees us from here on. Had it ended before, what it had said by then is in the pipe.
  mpsh_verdict=gone
  if mpsh_alive; then read -r mpsh_verdict mpsh_number <&9; fi
  exec 8</proc/self/fd/9 9<&-
  if [ "$mpsh_verdict" = gone ]; then
    read -r mpsh_verdict mpsh_number <&8 || mpsh_verdict=again
    if [ "$mpsh_verdict" = gone ]; then mpsh_verdict=again; fi
  fi
  if [ "$mpsh_verdict" = ok ]; then
    read -r mpsh_verdict mpsh_number <&8 || mpsh_verdict=gone
    if [ "$mpsh_verdict" = gone ]; then mpsh_fail "the session was lost, and the line with it; see $mpsh_dir/log"; fi
  fi
  exec 8<&-
done
exec 6>&- 7<&-
if [ "$mpsh_cats" ]; then
  exec 5>&-
  mpsh_lost=0
  for mpsh_cat in $mpsh_cats; do wait "$mpsh_cat" || mpsh_lost=$?; done
  # What a cat could not write the session takes for written, or for a pipe that nobody reads.
  case "$mpsh_lost $mpsh_verdict $mpsh_number" in
    0\ *) ;;
    "141 exit 0") mpsh_verdict=signal mpsh_number=13 ;;
    *" exit 0" | *" signal 13") mpsh_verdict=exit mpsh_number=$mpsh_lost ;;
  esac
fi

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
