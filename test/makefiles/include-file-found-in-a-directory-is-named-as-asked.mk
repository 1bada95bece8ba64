#args: -Id
#args: -I./d/ BAD=bad.mk
#args: -Id -f ./d/bad.mk
#args: -Id -f .//d/i.mk
#args: -f ./none.mk
#file: d/i.mk@0
#+$(warning here)$(info $(MAKEFILE_LIST))
#+in: ; false
#file: d/bad.mk@0
#+X = 1
#+junk
include i.mk $(BAD)
