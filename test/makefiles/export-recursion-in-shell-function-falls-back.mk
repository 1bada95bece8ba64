# An exported variable that needs $(shell) does not loop for ever.
#env: A=original
export A = $(shell echo "<$$A>")
all:
	@echo '$(A)'
