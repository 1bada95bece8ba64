# A nonterminal match-anything rule is not tried for a name that a specific pattern matches.
#file: a.c.src
#args: -r a.c
%: %.src
	@echo $@ from $<
%.c: %.y
	@echo never
