# No rule for a goal, and none for a prerequisite.
#args:
#args: nothing
all: missing
	@echo no
