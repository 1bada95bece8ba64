#args: -r -f M1
#args: -r -f M2
#args: -r -f M3
#file: M1 = 
#+
#+list = $(wordlist 3,2,$(strip a.b.cgee$(eval list += % ay)) $(strip aya.b.c) $(join see.c ${filter-out %.c,},% %.o))
#+all: $(list)
#file: M2 = 
#+
#+list = $(strip $(eval list += ay) $(join see.c ${filter-out %.c,},% %.o))
#+all: $(list)
#file: M3 = 
#+
#+list = $(strip $(join see.c ${filter-out %.c,},% %.o))
#+all: $(list)
# An error is where the variable under expansion was set last.
