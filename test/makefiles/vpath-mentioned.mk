#args: -r -f M1
#args: -r -f M2
#args: -r -f M3
#args: -r -f M4 x dir/foo
#args: -r -f M4 dir/foo x
#args: -r -f M5 x
#args: -r -f M6 x
#args: -r -f M7 x
#args: -r -f M8 x
#args: -r -f M9 x
#file: dir/eff.h@10
#file: M1 = VPATH = dir
#+x: foo ; : $^
#+y: dir/foo
#file: M2 = VPATH = dir
#+x: foo ; : $^
#+dir/foo: 
#file: M3 = VPATH = dir
#+x: foo ; : $^
#+y: | dir/foo
#file: M4 = VPATH = dir
#+x: foo ; : $^
#+%oo: ; : foo
#file: M5 = VPATH = dir
#+x: dir/foo foo ; : $^
#+%oo: ; : $@
#file: M6 = VPATH = dir
#+x: foo dir/foo ; : $^
#+%oo: ; : $@
#file: M7 = VPATH = dir
#+x: foo dir/foo ; : $^
#+foo: ; : $@
#file: M8 = VPATH = dir
#+x: foo ; : $^
#+%oo: dir/%oo eff.h; : $@
#+dir/%oo: eff.h; : $@
#file: M9 = VPATH = dir
#+x: foo ; : $^
#+.PHONY: dir/foo
#+foo: ; : $@
# A search path also leads to what is only mentioned, but from a target only to another target.
