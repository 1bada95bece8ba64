#args: a
# A target that a group names twice is gone through once more.
a a b &: b c ; @echo $@ '$*'
c: ;
