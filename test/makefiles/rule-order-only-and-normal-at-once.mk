# A prerequisite that is both counts as normal.
#file: out@10
#file: dep@20
out: dep | dep
	@echo '$^' / '$|'
