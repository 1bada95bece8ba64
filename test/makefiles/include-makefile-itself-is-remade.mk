# The makefile itself is a target to be remade.
#file: other@100
$(info restarts: $(MAKE_RESTARTS))
all:
	@echo done
Makefile: other
	touch $@
