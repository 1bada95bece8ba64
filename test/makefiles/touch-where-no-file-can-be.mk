#args: -t none/x b
#args: -t all
#args: -k -t all
none/x: ; @echo
b: ; @echo
all: none/x b ; @echo
