# Rules made by nested loops.
programs = p q
p_objs = p1 p2
q_objs = q1
define program
$(1): $$(addsuffix .o,$$($(1)_objs))
	@echo link $$@ from $$^
endef
$(foreach p,$(programs),$(eval $(call program,$(p))))
.PHONY: all
all: $(programs)
.DEFAULT_GOAL := all
%.o: ; @echo compile $@
