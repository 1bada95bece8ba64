# A makefile that unexports or undefines MAKEFLAGS keeps it from its recipes, also when options follow.
#args: -k WAY=unexport
#args: -k WAY=undefine
#args: -k WAY=unexport MORE=-i
$(eval $(WAY) MAKEFLAGS)
MAKEFLAGS += $(MORE)
all: ; @echo '$(MAKEFLAGS)' "[$$MAKEFLAGS]"
