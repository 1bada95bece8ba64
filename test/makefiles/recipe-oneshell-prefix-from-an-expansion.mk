# With .ONESHELL, too, the prefixes count that an expansion brings or stands before.
#args: -k
#args: -n
.ONESHELL:
at = @
all: a b c
a: ; $(info a)@echo hi
b:
	$(info b) $(at)echo one
	@echo two
c: ; $(info c)-exit 3
