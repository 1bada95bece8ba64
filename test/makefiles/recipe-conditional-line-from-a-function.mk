# A line that a condition empties is not run.
V =
all:
	$(if $(V),echo one)
	@$(if ,,echo two)
