# .EXPORT_ALL_VARIABLES exports all.
.EXPORT_ALL_VARIABLES:
A = a
B = $(A)b
all:
	@echo "[$$A][$$B]"
