# An unknown option ends with usage and status 2.
#run: $MAKE --nonsense 2>&1 | sed 3q
#run: $MAKE -Z 2>&1 | sed 2q
#run: $MAKE --nonsense >/dev/null 2>&1; echo $?
all: ;
