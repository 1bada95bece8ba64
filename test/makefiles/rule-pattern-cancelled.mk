# A pattern rule without recipe cancels one with the same target and prerequisites.
#file: a.x
#args: a.y
%.y: %.x
	@echo cancelled
%.y: %.x
