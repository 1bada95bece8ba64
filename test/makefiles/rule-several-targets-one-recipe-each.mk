# A rule with several targets is one rule for each.
all: a b c
a b c: common
	@echo $@ from $<
common: ;
