# The rule (%): % with $% and $@.
#file: foo.o
#args: lib.a(foo.o)
(%): %
	@echo 'member $% archive $@ from $<'
