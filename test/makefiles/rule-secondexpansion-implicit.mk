# In pattern rules $$* is known too.
#file: a.src
#args: foo.o
.SECONDEXPANSION:
foo_SRC = a.src
%.o: $$($$*_SRC)
	@echo $@ from $^ stem $*
