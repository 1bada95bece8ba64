# In the form with parentheses blanks before the second argument do not count, behind the first they do not either.
ifeq (x , x)
$(info A)
else
$(info B)
endif
ifeq (x, x )
$(info C)
else
$(info D)
endif
ifeq ( x,x)
$(info E)
else
$(info F)
endif
all: ;
