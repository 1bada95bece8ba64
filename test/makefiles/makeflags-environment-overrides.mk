#args: -f M1
#args: -f M2
#args: -f M3
#args: -f M4
#args: -f M5
#args: -r -f M1
#args: -r -f M6
#args: -r -f M7
#args: -r -f M8
#args: -r -f M9
#file: M1 = MAKEFLAGS += -e
#+MAKEFLAGS := -w
#+all: ; @echo '$(MAKEFLAGS)'
#file: M2 = MAKEFLAGS += -w
#+all: ; @echo '$(MAKEFLAGS)'
#file: M3 = MAKEFLAGS := -w
#+all: ; @echo '$(MAKEFLAGS)'
#file: M4 = MAKEFLAGS += -e
#+MAKEFLAGS += -w
#+all: ; @echo '$(MAKEFLAGS)'
#file: M5 = MAKEFLAGS += -k
#+MAKEFLAGS := -w
#+all: ; @echo '$(MAKEFLAGS)'
#file: M6 = MAKEFLAGS += -e
#+MAKEFLAGS = -k
#+all: ; @echo '$(MAKEFLAGS)'
#file: M7 = MAKEFLAGS += -e
#+MAKEFLAGS += -k
#+A = $(MAKEFLAGS)
#+$(info $A)
#+all: ; @echo '$(MAKEFLAGS)'
#file: M8 = MAKEFLAGS += -e
#+override MAKEFLAGS = -k
#+all: ; @echo '$(MAKEFLAGS)'
#file: M9 = MAKEFLAGS += -e
#+MFLAGS += -k
#+PATH := /nothing
#+all: ; @echo '$(MFLAGS)' '$(origin MAKEFLAGS)' '$(origin MFLAGS)' '$(origin PATH)'
# MAKEFLAGS += -e makes an environment override of MAKEFLAGS itself.
