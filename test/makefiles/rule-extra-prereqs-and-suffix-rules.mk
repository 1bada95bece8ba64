#args: -r
#args: -r POSIX=.POSIX
#file: see.c
#file: eff.h
# .EXTRA_PREREQS gives suffix rules prerequisites, which are warned of; under .POSIX they are no suffix rules then.
.SUFFIXES: .c .o
$(POSIX):
all: see.o ; @echo $+
.c.o: ; @echo $@ $+
.c: ; @echo $@
.EXTRA_PREREQS = eff.h
