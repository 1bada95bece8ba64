# An extra prerequisite made by the rule that it belongs to.
#args: -r t1
%: ; @echo $@
.EXTRA_PREREQS = t3
Makefile: ;
