#args: -r one.x one.o
#args: -r two.y two.z
#args: -r three.p three.q
#args: -r four.c
#args: -r five.d five.e
# A new rule takes the place of the first one that has the same prerequisites and no target but one of the new one's.
%.x: ; @echo first $@
%.o: ; @echo first $@
%.o %.x: ; @echo second $@

%.y %.z: ; @echo first $@
%.y: ; @echo second $@

%.p %.q: ; @echo first $@
%.p %.q: ; @echo second $@

# Nothing is left that makes a .c file.
%.c: ; @echo first $@
%.b %.c:
four.c:

%.d %.d: ; @echo first $@
%.e %.d: ; @echo second $@
