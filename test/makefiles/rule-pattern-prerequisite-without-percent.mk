# A pattern rule's prerequisite may have no percent sign.
#file: a.in
#file: config
a.out:
%.out: %.in config
	@echo '$^'
