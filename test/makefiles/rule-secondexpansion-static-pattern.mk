# In static pattern rules $$* is the stem.
.SECONDEXPANSION:
a_objs = 1.o 2.o
b_objs = 3.o
all: a.x b.x
a.x b.x: %.x: $$($$*_objs) | $$(@D)/dir
	@echo $@: $^ / $|
1.o 2.o 3.o ./dir: ;
