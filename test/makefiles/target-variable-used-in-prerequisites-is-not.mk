# Prerequisites are expanded on reading, so that target-specific values do not count there.
D = global
all: D = mine
all: $(D)
	@echo $(D)
global mine:
	@echo made $@
