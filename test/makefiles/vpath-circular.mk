#args: dir/aitch.o -f M1
#args: -r dir/aitch.o -f M1
#args: -r dir/aitch.o -f M2
#args: -r dir/aitch.o -f M3
#args: -r dir/aitch.o -f M4
#args: -r dir/aitch.o -f M5
#file: eff.h@10
#file: M1 = VPATH = dir
#+dir/%.o: %.o eff.h
#+	: $@
#file: M2 = VPATH = dir
#+dir/%.o: %.o eff.h
#+	: $@
#+aitch.o: ; :
#file: M3 = VPATH = dir
#+%.o: ../%.o eff.h
#+	: $@
#file: M4 = VPATH = dir
#+dir/%.o: %.o
#+	: $@
#file: M5 = VPATH = dir
#+dir/%.o: %.o
#+	: $@
#+%.o: eff.h
#+	: $@ 2
# A search path leads from the prerequisite to the goal.
