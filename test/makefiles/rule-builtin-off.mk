# -r removes the built-in rules, -R the variables too.
#file: a.c
#args: -r a.o
#args: -R v
v: ; @echo '[$(CC)][$(RM)]'
