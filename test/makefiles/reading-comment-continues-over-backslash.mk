# A comment goes on behind a backslash-newline.
A = one # a comment \
B = two
all:
	@echo '[$(A)][$(B)]'
