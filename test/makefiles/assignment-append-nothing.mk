# += of nothing still adds the blank.
A = a
A +=
B := b
B +=
all:
	@echo '[$(A)][$(B)]'
