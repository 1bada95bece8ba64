# -n prints silent recipes.
#args: -n
.SILENT:
all: ; echo hello
