#args: -r
#args: -r -k
# Without prerequisites .SECONDARY speaks of the files that were known when reading ended: others are made in their turn.
.SECONDEXPANSION:
.SECONDARY:
all: first $$@.second third
first third: ; @echo $@
