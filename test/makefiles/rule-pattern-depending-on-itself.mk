# A pattern rule whose prerequisite is its own target makes a circle that is dropped.
#args: -r gee
%: % ; @echo $@ '[$^]'
Makefile: ;
