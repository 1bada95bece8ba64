# The meanings of an abbreviation are listed in GNU make's order.
#run: for o in ju no-b n o i e; do $MAKE --$o=2 2>&1 | sed 1q; done
all: ;
