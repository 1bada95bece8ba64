# A recipe that does not make its target still makes dependents run.
#file: out@30
out: never-made
	@echo making out
never-made:
	@echo not making it
