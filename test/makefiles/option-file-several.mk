# Several -f are read one after the other.
#args: -f a.mk --file=b.mk --makefile c.mk
#file: a.mk = A = a
#file: b.mk = B = $(A)b
#file: c.mk = all: ; @echo $(B)c $(MAKEFILE_LIST)
