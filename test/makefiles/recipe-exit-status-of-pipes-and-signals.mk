# The status that counts is the last command's of a line.
#args: -k
all: a b
a: ; @false | true
b: ; @true | false
