# -j puts a jobserver into MAKEFLAGS.
#args: -j3
#args: -j3 --jobserver-style=pipe
#args: -j1
all:
	@echo '$(MAKEFLAGS)' | sed 's/fifo:[^ ]*/fifo:PATH/; s/=[0-9]*,[0-9]*/=R,W/'
	@+echo "$$MAKEFLAGS" | sed 's/fifo:[^ ]*/fifo:PATH/; s/=[0-9]*,[0-9]*/=R,W/'
