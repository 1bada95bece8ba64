# $(file) that cannot be written stops make.
$(file >missing/out,x)
all: ;
