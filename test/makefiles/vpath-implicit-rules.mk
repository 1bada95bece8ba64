# Implicit rules find their prerequisites through vpath.
#file: src/foo.in
#args: foo.out
vpath %.in src
%.out: %.in
	@echo $@ from $<
