# A rule with a semicolon and lines below.
all: ;
	@echo one
