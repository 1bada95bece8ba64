#args: -k
# A recipe line that is only `:` is not given to a Bourne shell, be there one or not; any other is.
all: sh bash flags other
sh: SHELL = /no/such/sh
bash: SHELL = /no/such/bash
flags: SHELL = /no/such/bash
flags: .SHELLFLAGS = -x -c
other: SHELL = /no/such/program
sh bash flags other: ; @:
