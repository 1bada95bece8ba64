# The first rule of all files makes the default goal.
#file: first.mk = early: ; @echo early
include first.mk
all: ; @echo all
