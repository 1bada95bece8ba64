# private global variables are not inherited by targets.
private A = global
B := $(A)
all:
	@echo '[$(A)] [$(B)]'
