# CURDIR, MAKEFILE_LIST and MAKE.
#file: sub/x.mk
#+$(info last: $(lastword $(MAKEFILE_LIST)))
include sub/x.mk
all:
	@echo '$(CURDIR)'
	@echo '[$(MAKEFILE_LIST)]'
	@echo '$(notdir $(MAKE)) $(notdir $(MAKE_COMMAND)) $(MAKELEVEL) [$(MAKE_RESTARTS)]'
