# Under -k a makefile whose recipe failed but changed it is read again, as if it had been remade.
#file: newer
#args: -r -k
#args: -r -k MAKEFLAGS=k
#args: -r
all: ; @echo all, restarts: $(MAKE_RESTARTS)
include made
made: newer ; @echo 'X = 1' >$@; false
