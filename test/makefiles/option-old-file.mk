# -o takes a file as very old and does not remake it.
#args: -o b
#args: --assume-old=c a
#file: a@10
#file: b@20
#file: c@20
a: b c ; @echo making $@
b: d ; @echo making $@
c: ; @echo making $@
