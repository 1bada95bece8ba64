# A match-anything rule also remakes the makefile when what it needs is newer.
#args: -r t2
#file: eff.h@10
%: eff.h ; @echo making $@; touch $@
eff.h: ;
