# What the shell half of mpmake does before that of every tool; see head.sh.

# A make in a recipe may become a part of the session that runs it; see src/os/launcher-script.ts. When that session is gone, its
# folder's name may be another user's; a shell that cannot tell reads nothing in.
if [ "${MPMAKE_JOIN-}" ]; then
  mpmake_place=${MPMAKE_JOIN#*:*:*:};
  if [ -r "$mpmake_place/launch" ] && { [ -O "$mpmake_place" ] && [ -O "$mpmake_place/launch" ]; } 2>/dev/null; then
    command . "$mpmake_place/launch";
  fi;
  unset MPMAKE_JOIN;
fi;
