# A recipe may start on the rule's line behind a semicolon, and go on below.
all: dep ; @echo one
	@echo two
dep:;@echo dep
