# A function call without its end.
A = $(subst a,b,c
$(info $(A))
all: ;
