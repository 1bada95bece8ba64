#args: -f M1
#args: -f M2
#args: -f M3
#args: -f M4
#file: M1 = include gen.mk
#+%: 
#+	$@
#file: M2 = include gen.mk
#+%: 
#+	no-such
#file: M3 = include gen.mk
#+%: 
#+	no-such;
#file: M4 = include gen.mk
#+gen.mk: 
#+	gen.mk
# That a program could not be started is said before why the makefile was wanted.
