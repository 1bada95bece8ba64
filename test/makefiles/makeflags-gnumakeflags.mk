# GNUMAKEFLAGS is read too and then empty.
#env: GNUMAKEFLAGS=-k X=2
all:
	@echo '[$(MAKEFLAGS)] [$(GNUMAKEFLAGS)] $(X)'
