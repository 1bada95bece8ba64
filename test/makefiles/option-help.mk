# -h prints usage on standard output and ends well.
#run: $MAKE -h 2>/dev/null | sed -n 1,2p | sed 's/.*Usage/Usage/'; $MAKE -h >/dev/null; echo $?
all: ;
