# An option without its argument.
#run: $MAKE -f 2>&1 | sed 2q
#run: $MAKE --silent=yes 2>&1 | sed 2q
all: ;
