#args: -r -k -n -f M1
#args: -r -k -f M1
#args: -r -k -n -f M2
#args: -r -k -f M2
#args: -r -k -n -f M3
#file: old@1
#file: eff.h@10
#file: eff2.h@10
#file: new@40
#file: M1 = .INTERMEDIATE: eff.h gee
#+all: gee eff.h ; :
#+gee: eff.h ; touch $@
#+%.h: old zz ; :
#+zz: nonex
#file: M2 = .INTERMEDIATE: eff2.h 
#+new: eff2.h gee ; :
#+gee: ; touch $@
#+eff2.h: gee nonex ; touch eff2.h
#file: M3 = .INTERMEDIATE: a b c d
#+all3: a ; :
#+a: b; touch $@
#+b: c d; touch $@
#+c: new nonex; touch $@
#+d: old
# An intermediate file is deleted that could not be made, though it was there; under -n that is only said.
