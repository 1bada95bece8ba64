# An order-only prerequisite that is missing is made even when the target is new.
#file: out@10
out: | made ; @echo never
made: ; touch $@
