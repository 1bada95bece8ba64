# -k goes on with what can still be made.
#args: -k
#args: -k -S
all: a b c
a: ; false
b: a ; @echo never
c: ; @echo c
