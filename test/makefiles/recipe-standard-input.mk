# A recipe reads make's standard input.
#stdin: line one
#stdin: line two
all:
	@read a; echo "[$$a]"
	@cat
