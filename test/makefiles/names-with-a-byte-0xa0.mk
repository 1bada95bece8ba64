# The byte 0xa0, which ends the letter à in UTF-8, parts no words and is no blank at an end
#env: MAKEFILES=voilà.mk
#file: voilà.mk = $(info read $(lastword $(MAKEFILE_LIST)))
#file: d/aà.c
#file: d/à.c
.SECONDEXPANSION:
all: d/a.o d/à.o d/xà ; @echo '$^'
%.o: $$(addsuffix à.c,%) ; @echo '$@: $^'
d/%.o: $$(subst z,à,%.c) ; @echo '$@: $^'
d/xà: ; @:à || echo '$@'
.EXTRA_PREREQS = d/aà.c
