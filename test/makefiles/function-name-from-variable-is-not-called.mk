# A function's name does not come from an expansion.
f = subst
$(info [$($(f) a,b,abc)])
all: ;
