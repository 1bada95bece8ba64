# .WAIT keeps what follows from starting.
#args: -j4
all: a .WAIT b .WAIT c
a: ; @sleep 0.2; echo a
b: ; @sleep 0.1; echo b
c: ; @echo c
