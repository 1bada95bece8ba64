#args: -r -f M1
#args: -r -e -f M2
#args: -r -e -f M3
#args: -r -e -f M4
#args: -r MAKEFLAGS=k -f M5
#args: -r -f M6
#args: -r -f M7
#args: -r -f M8
#args: -r -f M9
#file: M1 = override MAKEFLAGS = k
#+all: ; @echo '$(MAKEFLAGS)' '$(origin MAKEFLAGS)' "$$MAKEFLAGS"
#file: M2 = override MAKEFLAGS = k
#+all: ; @echo '$(MAKEFLAGS)' '$(origin MAKEFLAGS)' "$$MAKEFLAGS"
#file: M3 = MAKEFLAGS = k
#+all: ; @echo '$(MAKEFLAGS)' '$(origin MAKEFLAGS)' "$$MAKEFLAGS"
#file: M4 = MAKEFLAGS += -k
#+all: ; @echo '$(MAKEFLAGS)' '$(origin MAKEFLAGS)' "$$MAKEFLAGS"
#file: M5 = MAKEFLAGS += -w
#+all: ; @echo '$(MAKEFLAGS)' '$(origin MAKEFLAGS)' "$$MAKEFLAGS"
#file: M6 = override MAKEFLAGS += -k
#+MAKEFLAGS += -w
#+all: ; @echo '$(MAKEFLAGS)' '$(origin MAKEFLAGS)' "$$MAKEFLAGS"
#file: M7 = override MAKEFLAGS += -k
#+override MAKEFLAGS += -w
#+all: ; @echo '$(MAKEFLAGS)' '$(origin MAKEFLAGS)' "$$MAKEFLAGS"
#file: M8 = override MAKEFLAGS += -e
#+A = $(MAKEFLAGS)
#+MAKEFLAGS += -w
#+override MAKEFLAGS += -k
#+all: ; @echo '$(MAKEFLAGS)' '$(origin MAKEFLAGS)' "$$MAKEFLAGS" $A
#file: M9 = MAKEFLAGS += -e
#+override MAKEFLAGS += k
#+MAKEFLAGS += w
#+all: ; @false; echo '$(MAKEFLAGS)' '$(origin MAKEFLAGS)' "$$MAKEFLAGS" $A
# What the command line or an override gives MAKEFLAGS is obeyed and stays as it is written.
