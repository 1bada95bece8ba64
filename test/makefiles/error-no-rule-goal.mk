#args: t3
#args: -f M2 t3
#args: -f M3 t3
#args: -f M4 t3
#args: -f M5 t3
#args: -f M8 see.o out.x
#args: -f M9 see.o out.x
#args: -f M8 out.x
#args: -f M8 see.o zzz out.x
#file: M2 = -include gen.mk
#+gen.mk: a
#+a: b
#+b: t3
#file: M3 = -include gen.mk gen2
#+gen.mk: t3
#+gen2: t3
#file: M4 = -include gen.mk gen2
#+gen.mk: t3
#+gen2: t3 ; touch $@
#file: M5 = -include gen.mk
#+gen.mk: ax
#+ax: | t3
#file: M8 = .INTERMEDIATE: out.x
#+see.o: out.x
#file: M9 = .INTERMEDIATE: out.x
#+see.o: dee.o
#+dee.o: out.x
#file: see.o
#file: dee.o
# A goal that nobody can make is said to be needed by whoever asked for it before.
-include gen.mk
gen.mk: t3
