# ?= leaves a variable that is set, even if empty.
A =
A ?= a
B ?= b
B ?= c
all:
	@echo '[$(A)] [$(B)] $(flavor B)'
