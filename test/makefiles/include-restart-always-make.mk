#args: -r -W eff.h
#args: -r -W eff.h -f M2
#args: -r -B -f M3
#args: -r -W eff.h -f M5
#args: -r -W eff.h -f M6
#file: eff.h@1
#file: gee.h@30
#file: inc@20
#file: inc6@20
#file: all@40
#file: M2 = include inc
#+all: gee.h ; touch all
#+inc: eff.h; touch inc
#+gee.h: eff.h ; touch $@
#file: M3 = include inc3
#+all: gee.h ; touch all
#+inc3: gee.h; touch inc3
#+gee.h: eff.h; touch $@
#file: M5 = include inc5
#+all: gee.h ; touch all
#+inc5: gee.h; touch inc5
#+gee.h: eff.h; : gee
#file: M6 = include inc6
#+all: gee.h ; touch all
#+inc6: gee.h eff.h; touch inc6
#+eff.h: ; : eff
#+gee.h: eff.h; : gee
# What is up to date when makefiles have been remade is not made again: -B and -W are for the goals that come behind it.
all: eff.h
	touch $@
-include inc
inc: eff.h
	touch inc
