# The shell half of every tool's file: what must happen before Node starts, with builtins only (no fork).
# scripts/build.mjs joins these statements into the file's second line, behind a no-op that JavaScript takes for a
# string and a comment; so every statement ends in ";" and no comment stands beside one.

# Values of an outer mpmake's start-up are not ours.
unset MPMAKE_HIDDEN_NODE_OPTIONS MPMAKE_HIDDEN_NODE_EXTRA_CA_CERTS MPMAKE_HIDDEN_MALLOC_ARENA_MAX MPMAKE_HIDDEN_SSL_CERT_FILE MPMAKE_SIGIGN MPMAKE_SIGBLK MPMAKE_NOFILE MPMAKE_CLOSED MPMAKE_FURTHER;

# Both slow our start-up or change our behaviour, and are meant for recipes: hidden here, given back to recipes.
if [ "${NODE_OPTIONS+set}" ]; then export MPMAKE_HIDDEN_NODE_OPTIONS="$NODE_OPTIONS"; unset NODE_OPTIONS; fi;
if [ "${NODE_EXTRA_CA_CERTS+set}" ]; then
  export MPMAKE_HIDDEN_NODE_EXTRA_CA_CERTS="$NODE_EXTRA_CA_CERTS"; unset NODE_EXTRA_CA_CERTS;
fi;

# The C library gives each thread memory of its own, some megabytes in all; one for all of them is enough for us.
if [ "${MALLOC_ARENA_MAX+set}" ]; then export MPMAKE_HIDDEN_MALLOC_ARENA_MAX="$MALLOC_ARENA_MAX"; fi;
export MALLOC_ARENA_MAX=1;

# With the first certificate of ours Node reads those of all authorities, which takes longer than a handshake. We trust none of
# them; told to have OpenSSL's, it reads a file, and this one is soon read.
if [ "${SSL_CERT_FILE+set}" ]; then export MPMAKE_HIDDEN_SSL_CERT_FILE="$SSL_CERT_FILE"; fi;
export SSL_CERT_FILE=/dev/null;

# Node gives every signal its default at start-up; which ones our caller ignored is known only here. Field 33 of
# /proc/self/stat is the mask of signals 1 to 31 in decimal; it is handed on in hexadecimal, like SigIgn. bash ignores
# SIGQUIT whatever its caller did: there it counts as ignored when SIGINT is, as for a job in the background.
# Field 32 is the mask of those that our caller blocked, which Node unblocks; it is handed on only when there are any.
mpmake_sigign() {
  set -- ${1##*) };
  mpmake_mask=${31};
  if [ "${BASH_VERSION-}" ]; then mpmake_mask=$((mpmake_mask & ~4 | (mpmake_mask & 2) << 1)); fi;
  MPMAKE_SIGIGN=;
  while [ "$mpmake_mask" -gt 15 ]; do mpmake_digit $((mpmake_mask % 16)); mpmake_mask=$((mpmake_mask / 16)); done;
  mpmake_digit "$mpmake_mask";
  export MPMAKE_SIGIGN;
  if [ "${30}" != 0 ]; then export MPMAKE_SIGBLK="${30}"; fi;
};
mpmake_digit() {
  set -- "$1" 0 1 2 3 4 5 6 7 8 9 a b c d e f;
  shift "$(($1 + 1))";
  MPMAKE_SIGIGN=$1$MPMAKE_SIGIGN;
};
if [ -r /proc/self/stat ] && read -r mpmake_stat </proc/self/stat; then mpmake_sigign "$mpmake_stat"; fi;

# References that nest deeply need stack. The system grants what the fourth line of /proc/self/limits says, but arguments and
# environment may take a quarter of that, and Node's own code needs some: five eighths are ours, in units of 1024. V8 takes
# 984 of them when nobody tells it. A few lines on stands how many files may be open, which Node raises as far as it may.
mpmake_stack=;
if [ -r /proc/self/limits ]; then
  while read -r mpmake_skip mpmake_what mpmake_skip mpmake_bytes mpmake_skip; do
    case $mpmake_what in
      stack) mpmake_stack=$mpmake_bytes;;
      open) export MPMAKE_NOFILE="$mpmake_bytes"; break;;
    esac;
  done </proc/self/limits;
fi;
case $mpmake_stack in
  unlimited) mpmake_stack=65536;;
  "" | *[!0-9]*) mpmake_stack=984;;
  *) mpmake_stack=$((mpmake_stack / 8192 * 5));;
esac;
if [ "$mpmake_stack" -gt 65536 ]; then mpmake_stack=65536; fi;
if [ "$mpmake_stack" -lt 200 ]; then mpmake_stack=200; fi;

# Node opens /dev/null in the place of standard descriptors that are closed; programs are to find them closed.
mpmake_closed=;
if [ -d /proc/self/fd ]; then
  for mpmake_fd in 0 1 2; do
    if ! [ -e /proc/self/fd/"$mpmake_fd" ] && ! [ -h /proc/self/fd/"$mpmake_fd" ]; then
      mpmake_closed=$mpmake_closed$mpmake_fd;
    fi;
  done;
  if [ "$mpmake_closed" ]; then export MPMAKE_CLOSED="$mpmake_closed"; fi;
fi;

# Those above 2 that our caller left open Node closes on exec, and opens others beside them: programs are to have the former. This
# script is open, too, as is a folder while its names are read.
mpmake_further=;
for mpmake_fd in /proc/self/fd/*; do
  case ${mpmake_fd##*/} in [012] | "*") continue;; esac;
  if [ -e "$mpmake_fd" ] && ! [ "$mpmake_fd" -ef "$0" ]; then mpmake_further="$mpmake_further ${mpmake_fd##*/}"; fi;
done;
if [ "$mpmake_further" ]; then export MPMAKE_FURTHER="$mpmake_further"; fi;

# The kernel puts the script's path in place of the caller's own argv[0]; this is the nearest there is to it.
export MPMAKE_ARGV0="$0";

# A small young generation saves memory, and less inlining saves compiling what runs for a second.
exec "${MPMAKE_NODE:-node}" --use-openssl-ca --stack-size="$mpmake_stack" --max-semi-space-size=4 --max-inlined-bytecode-size-cumulative=200 -- "$0" "$@";
