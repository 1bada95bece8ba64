#args: -k -f M1
#args: -k -f M2
#args: -k -f M3
#args: -k -f M4
#args: -k -f M5
#args: -k -f M6
#args: -k -f M7
#args: -k -f M8
#args: -f M9
#args: -k -f M9
#file: M1 = -include gen.mk
#+include gen.mk
#file: M2 = include gen.mk
#+-include gen.mk
#file: M3 = include gen.mk
#+include gen.mk
#file: M4 = -include gen.mk
#+
#+include gen.mk
#+gen.mk: ; false
#file: M5 = include gen.mk
#+
#+-include gen.mk
#+gen.mk: ; false
#file: M6 = include gen.mk
#+include gen.mk
#+include gen2.mk
#+gen.mk: ; false
#file: M7 = include gen.mk
#+include gen2.mk
#+include gen.mk
#+gen.mk: gen2.mk
#file: M8 = -include gen.mk
#+include gen3.mk
#+include gen.mk
#+gen.mk: gen3.mk ; false
#+gen3.mk: ; touch $@
#file: M9 = -include gen.mk
#+include gen.mk gen4.mk
#+gen.mk: gen4.mk ; false
#+gen4.mk: ; false
# What failed silently for one is told for the next; what could be remade is a reason to start over.
