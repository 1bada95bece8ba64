# A file that may not be executed.
#args: -k
#file: script = echo hello
all: ; ./script
