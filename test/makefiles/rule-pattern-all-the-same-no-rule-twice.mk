# A rule is not used twice in one chain.
#file: a.x.x
#args: a
%: %.x
	@echo $@ from $<
