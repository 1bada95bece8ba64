# A sub-make says its level, enters and leaves directories.
#file: sub/Makefile
#+all:
#+	@echo level $(MAKELEVEL)
#+	@$(MAKE) -f third.mk
#file: sub/third.mk
#+all: ; @echo level $(MAKELEVEL); false
all:
	$(MAKE) -C sub
