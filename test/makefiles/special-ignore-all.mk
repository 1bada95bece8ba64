# .IGNORE alone ignores all errors.
.IGNORE:
all:
	false
	@echo after
