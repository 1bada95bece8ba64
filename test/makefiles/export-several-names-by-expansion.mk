# export takes names from an expansion.
NAMES = A B
A = 1
B = 2
export $(NAMES)
all:
	@echo "$$A$$B"
