#args: -r all
#args: -r listed
#file: there.x@15
#file: there.y@20
#file: also.x@5
#file: also.y@20
#file: listed@10
# An intermediate or secondary file that is there at first is brought up to date in its turn, and never deleted.
.INTERMEDIATE: there.x
.SECONDARY: also.x
all: one there.x two missing.x ; @echo $@ '$?'
listed: also.x ; @echo $@ '$?'
one two: ; @echo $@
%.x: %.y ; @echo $@ ; touch $@
missing.y: ; @:
