#args: -r -f M1
#args: -r -f M2
#args: -r -f M3
#args: -r -f M4
#args: -r -f M5
#file: M1 = all: a b c | b d
#+	@echo '$^' '$+' '$?' '$|' '$<'
#+a b c d:;
#file: M2 = all: | b d
#+all: a b c 
#+	@echo '$^' '$+' '$?' '$|' '$<'
#+a b c d:;
#file: M3 = all: a b c 
#+all: x | b d
#+	@echo '$^' '$+' '$?' '$|' '$<'
#+a b c d x:;
#file: M4 = all: a b c 
#+all: | b d b
#+	@echo '$^' '$+' '$?' '$|' '$<'
#+a b c d x:;
#file: M5 = all: a b c c a
#+all: | a d b
#+	@echo '$^' '$+' '$?' '$|' '$<' '$(^D)' 
#+a b c d x:;
# In $^ and $? a prerequisite stands where it came first, be it as an order-only one.
