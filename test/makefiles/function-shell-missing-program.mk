# A simple command that does not exist.
A := $(shell ./no-such-program)
$(info [$(A)] $(.SHELLSTATUS))
all: ;
