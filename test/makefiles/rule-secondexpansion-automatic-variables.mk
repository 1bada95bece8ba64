# $$<, $$^ and $$+ hold what came before.
.SECONDEXPANSION:
all: one two
all: $$(addsuffix .x,$$^) ; @echo $^
one two one.x two.x: ;
