#args: --shuffle=reverse -k all d e f
#args: --shuffle=12 d
#args: --shuffle=none d
#args: --shuffle=identity d
#args: --shuffle=reverse g
all: a b c
a: ; @-false
b: ; @-kill -9 $$$$
c: ; @nosuchprog x
d: ; @exit 3
e: ; @kill -9 $$$$
f: nosuch
g: ; $(error x)
