# $(file) wants an operator.
$(file out,x)
all: ;
