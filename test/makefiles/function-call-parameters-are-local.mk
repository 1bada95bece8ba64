# Parameters of an outer call are not seen in an inner one with fewer.
f = [$(1)|$(2)]$(call g,x)
g = {$(1)|$(2)}
$(info $(call f,a,b))
all: ;
