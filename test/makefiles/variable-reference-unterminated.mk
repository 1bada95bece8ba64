# A reference without its closing parenthesis.
A = $(B
all:
	@echo $(A)
