#args: -Otarget -f M1
#args: -Otarget -w -f M2
#args: -Otarget -w -f M3
#args: -Otarget -w -f M4
#file: M1 = MAKEFLAGS += -w
#+include gen
#+gen: ; touch $@
#+all t3: ; touch $@
#+$(info hello)
#file: M2 = include gen2
#+$(info hello)
#+gen2: ; touch $@
#+all2 t3: ; touch $@
#file: M3 = include gen3
#+gen3: ; echo 'x:; echo new' >  $@
#+$(warning hello)
#file: M4 = include gen4
#+gen4: ; echo 'x:; echo new' >  $@
#+all:; @:
# What an Entering line has opened stays open when make starts over.
