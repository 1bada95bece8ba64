# export alone, or .EXPORT_ALL_VARIABLES, exports all with shell-like names.
export
A = a
b_1 = b
a-b = c
unexport N
N = n
all:
	@echo "[$$A][$$b_1][$$N]"
	@env | grep -c '^a-b=' || true
