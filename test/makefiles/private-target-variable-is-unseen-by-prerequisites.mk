# A private target-specific variable stays with its target.
A = global
all: private A = mine
all: dep
	@echo all: $(A)
dep:
	@echo dep: $(A)
