#args: -r -f M1
#args: -r -f M2
#args: -r -f M3
#args: -r -f M4
#args: -r -f M5
#file: o1@1
#file: o2@1
#file: o3.h@1
#file: o4@1
#file: src@5
#file: M1 = .INTERMEDIATE: o1
#+o1: src ; touch $@
#file: M2 = .INTERMEDIATE: o2
#+-include inc
#+inc: o2 ; :
#+o2: src ; touch $@
#+.DEFAULT_GOAL = o2
#file: M3 = .INTERMEDIATE: o3.h
#+%.h: src ; touch $@
#+.DEFAULT_GOAL = o3.h
#file: M4 = .INTERMEDIATE: o4 t1
#+o4 t1 &: src ; touch $@
#file: M5 = .INTERMEDIATE: o5 t5
#+o5 t5 &: src ; touch o5 t5
# A default goal that is there is no intermediate file.
