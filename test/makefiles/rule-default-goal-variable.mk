# .DEFAULT_GOAL names the goal, and can be read and cleared.
$(info [$(.DEFAULT_GOAL)])
one: ; @echo one
$(info [$(.DEFAULT_GOAL)])
.DEFAULT_GOAL :=
two: ; @echo two
three: ; @echo three
$(info [$(.DEFAULT_GOAL)])
