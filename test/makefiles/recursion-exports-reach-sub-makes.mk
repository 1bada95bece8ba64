# Exported variables are variables of the sub-make, from the environment.
#file: sub.mk
#+all: ; @echo '$(A) $(origin A) [$(B)]'
export A = a
B = b
all:
	@$(MAKE) -f sub.mk
