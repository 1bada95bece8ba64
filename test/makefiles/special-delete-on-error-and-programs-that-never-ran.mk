#args: -k
#args: -q begun
# What is half made is deleted when a program has failed, not when there is no such program; under -q what was begun is, too.
.DELETE_ON_ERROR:
all: missing failing
missing:
	@touch $@
	@no-such-program
failing:
	@touch $@
	@false
begun:
	+@touch $@
	@echo not run
