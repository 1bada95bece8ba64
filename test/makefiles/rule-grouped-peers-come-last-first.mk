#args: all
#args: -k deleted.b pattern.pb
# Wherever the other targets of a group are gone through, the last one comes first.
.DELETE_ON_ERROR:
all: b
a b c d &: p ; @echo $@ $^
a: pa
b: pb
c: pc
d: pd
p pa pb pc pd: ; @echo $@
c a e d &: ; @echo again $@
deleted.a deleted.b deleted.c &: ; touch deleted.a deleted.b deleted.c; false
%.a %.pb %.pc: ; touch pattern.a pattern.pb pattern.pc; false
