# -q with -k looks at all goals.
#args: -q -k a b
#file: a@10
#file: src@20
a b: src ; @echo never
