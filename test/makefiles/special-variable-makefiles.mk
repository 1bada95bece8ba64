# MAKEFILES of the environment are read first, their goals do not count.
#env: MAKEFILES=pre.mk missing.mk
#file: pre.mk
#+X = pre
#+pre: ; @echo pre
all:
	@echo '$(X)' '$(MAKEFILE_LIST)' '$(.DEFAULT_GOAL)'
