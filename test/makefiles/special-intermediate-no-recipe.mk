#args: -r -n -f M1
#args: -r -f M2
#args: -r -k -n -f M3
#args: -r -k -n -f M4
#args: -r -f M4
#args: -r -f M5
#file: old@1
#file: eff.h@10
#file: eff2.h@0
#file: eff4.h@0
#file: new@40
#file: M1 = .INTERMEDIATE: a b c
#+all: a b c ; :
#+a: ;
#+b: ; @
#+c:
#file: M2 = .INTERMEDIATE: eff2.h gee
#+all: gee eff2.h ; :
#+gee: | eff2.h ; 
#+%.h: old ; 
#file: M3 = .INTERMEDIATE: a b c d
#+all3: a ; :
#+a: b; touch $@
#+b: d | c; touch $@
#+c: new | nonex; touch $@
#+d: old
#file: M4 = .INTERMEDIATE: eff4.h gee
#+all: gee eff4.h ; :
#+gee: | eff4.h ; touch $@
#+%.h: old ; @
#file: M5 = .INTERMEDIATE: old d
#+all: d old ; :
#+d: old ; :
# Intermediate files whose recipe does nothing, or that have none, are deleted as others are.
