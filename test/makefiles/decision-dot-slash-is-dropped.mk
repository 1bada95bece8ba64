# ./x and x are one file.
#args: ./a
all: a ./b
a: b ; @echo $@
./b: ; @echo $@
