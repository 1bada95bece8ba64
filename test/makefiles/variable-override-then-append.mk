# Once overridden only override changes it.
override A = one
A = two
A += three
override A += four
all:
	@echo $(A)
