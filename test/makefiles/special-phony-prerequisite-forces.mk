# A phony prerequisite makes its target out of date.
#file: out@100
out: force
	@echo remaking $@
.PHONY: force
