# -f - reads the makefile from standard input.
#args: -f -
#args: -f- other
#stdin: $(info reading)
#stdin: all: ; @echo from stdin
#stdin: other: ; @echo $@ $(words $(MAKEFILE_LIST))
