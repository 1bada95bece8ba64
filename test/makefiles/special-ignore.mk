# .IGNORE with names ignores their errors only.
#args: -k
all: a b
.IGNORE: a
a b:
	false
	@echo after $@
