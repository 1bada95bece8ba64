# A target-specific variable also counts for the prerequisites.
A = global
all: A = mine
all: dep
	@echo all: $(A)
dep:
	@echo dep: $(A)
other:
	@echo other: $(A)
