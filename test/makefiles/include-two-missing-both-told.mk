# Two missing files are both told.
include one.mk two.mk
all: ; @echo never
