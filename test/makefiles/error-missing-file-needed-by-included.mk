# A missing prerequisite of a makefile to be remade.
include inc.mk
all: ; @echo never
inc.mk: no-such-file ; @echo never
