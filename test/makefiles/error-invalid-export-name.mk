# Variables with odd names are exported by name only to programs that take them.
export a-b = 1
all: ; @printenv a-b
