# Every origin.
#env: ENVVAR=e
#env: ENVSET=e
#args: CMD=c
FILE = f
ENVSET = f
override OVER = o
all:
	@echo $(origin UNDEF) $(origin CC) $(origin ENVVAR) $(origin ENVSET) $(origin FILE) $(origin CMD) $(origin OVER) $(origin @) $(origin MAKE) $(origin MAKEFLAGS) $(origin CURDIR)
