# export and unexport, with and without a value.
#env: GONE=1
A = a
B = b
export A
export C = c
export D := d
export B
unexport B
unexport GONE
all:
	@echo "[$$A][$$B][$$C][$$D][$$GONE]"
