# SHELL and .SHELLFLAGS may be given to one target.
a: SHELL = /bin/echo
a: .SHELLFLAGS = -x
all: a b
a b:
	@echo hello
