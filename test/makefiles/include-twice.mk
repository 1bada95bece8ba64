#args: -f M1
#args: -f M2
#args: -f M3
#args: -f M4
#args: -f M5
#args: -f M6
#args: -f M7
#args: -f M8
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
#file: M6 = -include gen.mk
#+-include gen.mk
#+
#+include gen.mk
#+include gen.mk
#+gen.mk: ; true
#file: M7 = include gen.mk
#+include gen2.mk
#+include gen.mk
#+gen.mk: gen2.mk
#file: M8 = -include gen.mk
#+include gen2.mk
#+include gen.mk
#+gen.mk: gen2.mk ; false
#+gen2.mk: ; touch $@
# Each time that a makefile is asked for counts; where it was missed is where it was asked for first.
