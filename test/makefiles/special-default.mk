# .DEFAULT makes what has no rule.
#args:
#args: goal
all: missing
	@echo all
.DEFAULT:
	@echo default $@ '$<'
