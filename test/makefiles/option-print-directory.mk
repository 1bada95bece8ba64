# -w says where make is.
#args: -w
#args: -w missing
all: ; @echo hello
