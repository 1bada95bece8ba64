#args: -r -f M1
#args: -r -f M2
#args: -r -s -f M1
#args: -r -s -f M2
#args: -r -f M3
#args: -r -i -f M4
#args: -r -s -i -f M4
#args: -r -i -f M5
#args: -r -k -f M6
#file: M1 = include gen.mk
#+gen.mk:
#+	-false
#file: M2 = -include gen.mk
#+gen.mk:
#+	-false
#file: M3 = -include gen.mk
#+include gen3.mk
#+gen.mk:
#+	-false
#file: M4 = include gen.mk
#+gen.mk:
#+	no-such-thing
#file: M5 = include gen.mk
#+gen.mk:
#+	-@false
#+	-@false
#file: M6 = include gen.mk
#+gen.mk: gen2.mk
#+	false
#+gen2.mk:
#+	-false
# Why a makefile is wanted is said before an error too that is ignored.
