#args: -Otarget -j2 -f M1
#args: -Otarget -j2 -w -f M2
#args: -Otarget -j2 -w -f M3
#args: -Otarget -j2 -w -f M4
#file: M1 = MAKEFLAGS += -w
#+include gem
#+gem: ; touch $@
#+all q3: ; touch $@
#+$(info hello)
#file: M2 = include gem2
#+$(info hello)
#+gem2: ; touch $@
#+all2 q3: ; touch $@
#file: M3 = include gem3
#+gem3: ; echo 'x:; echo new' >  $@
#+$(warning hello)
#file: M4 = include gem4
#+gem4: ; echo 'x:; echo new' >  $@
#+all:; @:
# The same with several slots: each group has lines of its own.
