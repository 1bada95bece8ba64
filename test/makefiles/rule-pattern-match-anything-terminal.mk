# A terminal match-anything rule applies only if its prerequisites exist.
#file: foo.src
#args: foo
#args: bar
%:: %.src
	@echo $@ from $<
%.src: %.orig
	@echo never
