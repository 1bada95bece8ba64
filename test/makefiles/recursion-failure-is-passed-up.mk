# A failing sub-make stops the upper one.
#file: sub.mk
#+all: ; exit 3
all:
	$(MAKE) -f sub.mk
	@echo not reached
