# -s echoes nothing; --no-silent undoes it.
#args: -s
#args: -s --no-silent
#args: --silent up
all: ; echo hello
up: ;
