# Only rules after .SECONDEXPANSION are expanded twice.
all: one two
one: a$$x
	@echo '$^'
.SECONDEXPANSION:
two: a$$$$x
	@echo '$^'
a$$x: ;
