#args: --warn-undefined-variables see.o
#file: see.c
# What is undefined in the recipe of a built-in rule is told without a place.
CC = echo $(nothing)
