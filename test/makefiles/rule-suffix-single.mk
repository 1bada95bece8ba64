# An old suffix rule with one suffix.
#file: prog.src
#args: prog
.SUFFIXES:
.SUFFIXES: .src
.src:
	@echo $@ from $<
