# Single letters stand first in MAKEFLAGS, without a dash.
#args: -k -s
#args: -sk --no-print-directory
#args:
all:
	@echo '[$(MAKEFLAGS)] [$(MFLAGS)]'
