# A missing included file is made by its rule and make starts over.
$(info reading, restarts '$(MAKE_RESTARTS)')
include gen.mk
all:
	@echo VALUE is $(VALUE)
gen.mk:
	echo 'VALUE = 42' > $@
