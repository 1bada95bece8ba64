# A match-anything rule.
#args: foo foo.c
%:
	@echo anything $@
