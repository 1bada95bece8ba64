# A variable from the upper make loses to the sub-makefile's.
#file: sub.mk
#+A = sub
#+all: ; @echo $(A)
export A = upper
all:
	@$(MAKE) -f sub.mk
	@$(MAKE) -f sub.mk -e
	@$(MAKE) -f sub.mk A=line
