# A pattern rule with automatic variables.
#file: a.in
#file: sub/b.in
all: a.out sub/b.out
%.out: %.in
	@echo $@ $< $* $(@D) $(@F) $(*D) $(*F) $(<D) $(<F)
