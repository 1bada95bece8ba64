# A stem puts brackets and a bar into a prerequisite: one name, that matches no file.
#args: -r '[|]' '[q]'
%: %
	@echo '$@' '$^' '$|'
Makefile: ;
