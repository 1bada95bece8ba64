# An ifeq with one argument stops make.
ifeq (a)
endif
all:
