# .EXTRA_PREREQS are prerequisites that automatic variables do not show.
#args:
.EXTRA_PREREQS = extra
all: dep
	@echo '$^'
dep extra:
	@echo making $@
