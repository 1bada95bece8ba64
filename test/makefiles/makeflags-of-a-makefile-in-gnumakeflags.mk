# What makefiles put into GNUMAKEFLAGS is obeyed when they are read; then it is empty.
#args:
#args: -k GNUMAKEFLAGS=-n
GNUMAKEFLAGS = -i --no-such-option X=1
$(info [$(MAKEFLAGS)] [$(GNUMAKEFLAGS)])
all: ; @echo '[$(MAKEFLAGS)] [$(GNUMAKEFLAGS)] $(origin GNUMAKEFLAGS) [$(X)]'
