# An old suffix rule with two suffixes.
#file: a.in
#args: a.out
.SUFFIXES: .in .out
.in.out:
	@echo $@ from $< stem $*
