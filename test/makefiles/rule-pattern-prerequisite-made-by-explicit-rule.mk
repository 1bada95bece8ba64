# A prerequisite that is a target of the makefile ought to exist.
all: a.out
%.out: %.in
	@echo $@ from $<
a.in:
	@echo making $@
