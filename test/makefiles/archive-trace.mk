#args: -r --trace -f M1
#args: -r --trace -f M2
#args: -r --trace -f M3
#args: -r --trace -f M4
#args: -r --trace -f M5
#args: -r --trace -f M6
#args: -r --trace -f M7
#args: -r --trace -f M8
#args: -r --trace -f M9
#run: printf a > see.o; ar r lib.a see.o 2>/dev/null; $MAKE -r --trace -f M1
#args: -r --trace -f M3
#args: -r --trace -f M5
#args: -r --trace -f N1
#args: -r --trace -f N2
#args: -r --trace -f N3
#file: old@1
#file: N1 = all: lib1.a(see.o)
#+lib1.a(see.o): lib1.a ; : $@ $%
#+lib1.a:; touch $@
#file: N2 = all: lib2.a(see.o) lib2.a
#+lib2.a(see.o): ; touch lib2.a
#+lib2.a:; : $@
#file: N3 = all: lib3.a(see.o) lib3.a(dee.o) lib3.a
#+lib3.a(see.o): ; : $@
#+lib3.a(dee.o): ; touch $@
#+lib3.a: lib3.a(see.o) ; : $@
#file: M1 = .DEFAULT: ; : default $@
#+all: lib.a(see.o)
#file: M2 = lib.a(see.o): ; : $@
#+all: lib.a(see.o)
#file: M3 = lib.a(see.o): old ; : $@
#+all: lib.a(see.o)
#file: M4 = (%.o): old ; : $@
#+all: lib.a(see.o)
#file: M5 = lib.a(%.o): old ; : $@
#+all: lib.a(see.o)
#file: M6 = .DEFAULT: ; : default $@
#+lib.a(see.o): see2.o
#+all: lib.a(see.o)
#file: M7 = .DEFAULT: ; : default $@
#+all: see2.o
#file: M8 = .DEFAULT: ; : default $@
#+lib.a: lib.a(see2.o)
#file: M9 = .DEFAULT: ; touch $@
#+all: lib.a(see2.o) lib.a
# A member of an archive that does not exist is not said to be missing.
