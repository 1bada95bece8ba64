# The place of a mistake two files deep.
#file: one.mk = include two.mk
#file: two.mk = \nifeq (x
include one.mk
all:
