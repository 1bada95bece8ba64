# An include in a branch not taken is not read.
ifdef NEVER
include none.mk
endif
all: ; @echo fine
