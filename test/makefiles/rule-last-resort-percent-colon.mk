# The rule % : with no prerequisites makes anything.
#args: this that
#args: -k this.c
%:: ; @echo last resort $@
