# A target that its own .EXTRA_PREREQS names has none of them.
t: .EXTRA_PREREQS = t u
t: ; @echo $@
u: ; @echo $@
