# A directory in place of a program.
#dir: d
all: ; ./d
