# Blanks before a value are dropped, those behind it stay.
A =    x   # comment
B := y  
all:
	@echo '[$(A)][$(B)]'
