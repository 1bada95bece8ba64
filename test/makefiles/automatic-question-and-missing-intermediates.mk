#args: -r target
#args: -r other
#file: target
#file: other
#file: new@20
# `$?` has no intermediate file that is not there after its recipe, but any other.
.INTERMEDIATE: middle
target: middle new plain ; @echo '$?'
middle plain: ; @:
%r: %r.x new ; @echo '$?'
%.x: ; @:
Makefile new: ;
