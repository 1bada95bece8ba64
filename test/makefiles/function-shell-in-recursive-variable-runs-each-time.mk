# $(shell) in a recursive value runs at each use, in a simple one once.
R = $(shell echo run >> log; echo r)
S := $(shell echo once >> log; echo s)
all:
	@echo $(R) $(R) $(S) $(S); cat log; rm log
