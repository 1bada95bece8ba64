# A suffix rule with prerequisites is an ordinary rule, with a warning.
#file: a.in
#args: a.out
#args: .in.out
.SUFFIXES: .in .out
.in.out: other
	@echo $@ from $<
other: ;
