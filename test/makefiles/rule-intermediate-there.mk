#run: $MAKE -r -d -f M1 | grep -E 'onsider|Look|order|need|exist'
#run: $MAKE -r -d -f M2 | grep -E 'onsider|Look|order|need|exist'
#run: $MAKE -r -d -f M3 | grep -E 'onsider|Look|order|need|exist'
#run: $MAKE -r -d -f M4 | grep -E 'onsider|Look|order|need|exist'
#run: $MAKE -r -d -f M5 | grep -E 'onsider|Circ|Look|order|need'
#run: $MAKE -r -d -f M6 | grep -E 'onsider|Look|order|need'
#file: old@1
#file: mid@10
#file: all@30
#file: new@40
#file: M1 = .INTERMEDIATE: i mid
#+all: i ; @: all $?
#+i: mid ; @: i
#+mid: old; @: mid
#file: M2 = .INTERMEDIATE: i mid
#+all: i ; @: all $?
#+i: mid ; @: i
#+mid: new ; @: mid
#file: M3 = .INTERMEDIATE: i new
#+all: i ; @: all $?
#+i: new ; @: i
#+new: old ; @: new
#file: M4 = .INTERMEDIATE: mid
#+all: mid ; @: all $?
#+mid: new ; @: mid
#file: M5 = .SECONDARY:
#+all: eff.h
#+	: list
#+%: gee.y | eff.h
#+	: $@
#+gee.y:
#file: eff.h@20
#file: M6 = .INTERMEDIATE: new gee
#+all: gee | new ; :
#+gee: | new
#+n%: old ; :
# An intermediate file behind another that is there: newer than the target, it is reason enough; older, what is behind it is looked at.
# One for which a rule was looked for stays an intermediate file although it is there.
