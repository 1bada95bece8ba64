# What the shell half of mpmake does before that of every tool; see head.sh.

# A make in a recipe may become a part of the session that runs it; see src/os/launcher-script.ts.
if [ "${MPMAKE_JOIN-}" ]; then
  if [ -r "${MPMAKE_JOIN#*:*:*:}/launch" ]; then command . "${MPMAKE_JOIN#*:*:*:}/launch"; fi;
  unset MPMAKE_JOIN;
fi;
