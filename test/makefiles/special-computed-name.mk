# The name of a special target may be computed.
#args:
#args: VERBOSE=1
$(VERBOSE).SILENT:
all:
	echo hello
