# With -e the environment's variables say so as soon as something is overridden: what is built in, then what makefiles set.
#env: CC=gcc
#env: OWN=1
#args: -e
#args:
$(info $(origin CC) $(origin CXX) $(origin OWN) $(origin MAKELEVEL) $(origin PATH))
OWN = 2
all: ; @echo $(origin CC), $(origin OWN)
