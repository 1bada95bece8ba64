#args: all
#args: phony
# .DEFAULT gives no recipe to what is only known as phony.
.PHONY: phony
all: phony other
.DEFAULT: ; @echo default $@
