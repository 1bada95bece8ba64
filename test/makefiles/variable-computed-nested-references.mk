# Names built from other variables.
x = y
y = z
z = u
a_objects := a.o b.o
1_objects := 1.o
k = a
all:
	@echo $($($(x))) $($(k)_objects:.o=.c) $($(subst a,1,$(k))_objects)
