# .DEFAULT_GOAL may hold one target only.
.DEFAULT_GOAL = one two
one two: ; @echo $@
