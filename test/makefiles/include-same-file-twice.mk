# A file may be read twice.
#file: inc.mk = N += x
include inc.mk
include inc.mk
all: ; @echo $(N) $(MAKEFILE_LIST)
