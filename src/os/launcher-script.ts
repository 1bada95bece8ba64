/** What the shell half of mpmake does in a recipe: it offers its process to the session that is there already. */

/**
 * The script that scripts/head-mpmake.sh reads in, which `MPMAKE_JOIN`, `MAKE:PID:FD:DIRECTORY`, leads to: the number of the make that
 * started it, the session's process with its descriptor of the FIFO, and where it listens. Builtins alone: no fork, no exec. It asks only
 * a session that lives, on this machine, with the same /proc, and of the same user.
 *
 * It names its process at the FIFO (8), with how many arguments it has. All else the session reads from /proc (standard input as 6 and
 * output as 5, for "read" and "echo" have 0 and 1 replaced while they are at it). It hears through one pipe (9) and is heard through
 * another (7), by which it passes signals on, and the end of which is its own; both were here-documents' before.
 * It is told "ok" at once, so that from then on the session's end would be noticed, and then one of
 *   exit N    the make has ended so     signal N    by this signal
 * or, in the place of "ok",
 *   alone     it cannot be a part of the session: it starts as a process of its own
 *   gone      the session was killed; what it leaves behind says so
 * The last word comes more than once: a signal may come in the middle of it.
 */
export const LAUNCHER_SCRIPT = `
mpmake_listen() {
  read -r mpmake_verdict mpmake_number || return
  case $mpmake_verdict in
    ok | alone | gone) ;;
    exit | signal) case $mpmake_number in "" | *[!0-9]*) return 1 ;; esac ;;
    *) return 1 ;;
  esac
}
# @returns 0 when the session has the make now
mpmake_offer() {
  if [ "\${MPMAKE_SESSION-}" = 0 ]; then return 1; fi
  if ! [ "/proc/$2/fd/$3" -ef "$mpmake_place/in" ] || ! [ -O "$mpmake_place" ]; then return 1; fi
  read -r mpmake_pid mpmake_rest </proc/self/stat || return
  for mpmake_fd in 0 1 2; do if ! [ -e "/proc/self/fd/$mpmake_fd" ]; then return 1; fi; done
  for mpmake_fd in 5 6 7 8 9; do if [ -e "/proc/self/fd/$mpmake_fd" ]; then return 1; fi; done
  exec 7<<mpmake 9<<mpmake_too
x
mpmake
x
mpmake_too
  if ! [ -p /proc/self/fd/7 ] || ! [ -p /proc/self/fd/9 ]; then exec 7<&- 9<&-; return 1; fi
  exec 7<>/proc/self/fd/7 9<>/proc/self/fd/9
  read -r mpmake_rest <&7
  read -r mpmake_rest <&9
  mpmake_signal=
  for mpmake_fd in 1 2 3 10 15; do trap "mpmake_signal=$mpmake_fd; echo $mpmake_fd >&7" "$mpmake_fd"; done
  exec 6<&0 5>&1
  mpmake_verdict=gone
  if { command exec 8<>"$mpmake_place/in"; } 2>/dev/null; then
    echo "$mpmake_pid $1 $4" >&8
    # Who tells of the session's end sees us from here on. Had it ended before, the FIFO is gone.
    if [ "$mpmake_place/in" -ef /proc/self/fd/8 ]; then until mpmake_listen <&9; do :; done; fi
  fi
  exec 8</proc/self/fd/9 9<&- 5>&- 6<&-
  if [ "$mpmake_verdict" = ok ]; then return; fi
  exec 7<&- 8<&-
  trap - 1 2 3 10 15
  # One that came meanwhile has told nobody.
  if [ "$mpmake_signal" ]; then kill "-$mpmake_signal" "$$"; fi
  return 1
}
mpmake_place=\${MPMAKE_JOIN#*:*:*:}
mpmake_make=\${MPMAKE_JOIN%%:*}
mpmake_session=\${MPMAKE_JOIN#*:}
mpmake_in=\${mpmake_session#*:}
if mpmake_offer "$#" "\${mpmake_session%%:*}" "\${mpmake_in%%:*}" "$mpmake_make"; then
  mpmake_tries=0
  until mpmake_listen <&8; do
    # A signal interrupts it; the end of what is read does so again and again.
    mpmake_tries=$((mpmake_tries + 1))
    if [ "$mpmake_tries" -gt 99 ]; then
      echo "mpmake: the session that this make was a part of was lost" >&2
      exit 2
    fi
  done
  if [ "$mpmake_verdict" = exit ]; then exit "$mpmake_number"; fi
  trap - "$mpmake_number"
  ulimit -c 0
  kill "-$mpmake_number" "$$"
  exit $((128 + mpmake_number))
fi
`;
