# Exported variables are in the environment of $(shell).
export A = value
B = not
R := $(shell echo "[$$A][$$B]")
all:
	@echo '$(R)'
