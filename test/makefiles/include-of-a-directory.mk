# A directory is no makefile.
#dir: dir
include dir
all: ; @echo never
