# The same by $$^ and $$@ in a second expansion.
#args: -r gee
#args: -r -f b.mk gee
#file: b.mk
#+.SECONDEXPANSION:
#+%: $$@ ; @echo $@ '[$^]'
#+b.mk: ;
.SECONDEXPANSION:
%: % $$^ ; @echo $@ '[$^]'
Makefile: ;
