# A sub-make gets flags and variables.
#args: -k A='b c' D=e
#file: sub.mk
#+all: ; @echo '$(A) $(D) $(origin A) [$(MAKEFLAGS)]'; false
#+more: ; @echo more
all:
	@$(MAKE) --no-print-directory -f sub.mk
