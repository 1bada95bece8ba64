# $(word 0,...) stops make.
$(info $(word 0,a b))
all: ;
