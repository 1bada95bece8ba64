# -t touches targets in place of running their recipes.
#args: -t
#file: src@20
#file: old@10
all: old new
old: src ; @echo never
new: ; @echo never
.PHONY: all
