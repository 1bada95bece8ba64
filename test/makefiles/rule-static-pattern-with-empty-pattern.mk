# A static pattern rule needs a percent sign.
a.o: a: b
	@echo no
