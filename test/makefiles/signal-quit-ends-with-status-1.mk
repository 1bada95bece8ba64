# SIGQUIT ends make with status 1, so that no core is left, and a signal leaves no directory.
#run: $MAKE -w --no-builtin-rules; echo "[$?]"; rm -f half; $MAKE -w SIGNAL=TERM; echo "[$?]"
SIGNAL = QUIT
all: half
half: ; @echo > $@; trap '' QUIT; kill -$(SIGNAL) $$PPID; sleep 2
