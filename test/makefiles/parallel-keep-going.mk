# With -k and -j the rest is made.
#args: -j3 -k
all: a b c
	@echo never
a: ; @exit 1
b: ; @sleep 0.5; echo b
c: b ; @echo c
