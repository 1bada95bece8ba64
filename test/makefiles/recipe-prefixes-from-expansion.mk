# Prefixes may come from a variable.
Q = @
I = -
all:
	$(Q)echo quiet
	$(Q)$(I)false
	$(NOTHING)echo loud
