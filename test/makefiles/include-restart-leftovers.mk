#args: -f M1 all
#args: -f M2 all
#args: -f M3 all
#args: -f M3 -k all
#args: -f M4 all
#args: -f M5 all
#args: -n -f M6 all
#args: -n -f M7 all
#file: src@1
#file: M1 = -include gen1
#+gen%: mid% ; touch $@
#+mid%: src ; touch $@
#+all: ; : all
#file: M2 = -include gen2
#+gen%: mid% ; touch $@; sleep 0.01; touch $@
#+mid%: src ; touch $@
#+all: ; : all
#+.PHONY: phon
#file: M3 = -include gen3
#+gen%: mid% ; touch $@; false
#+mid%: src ; touch $@
#+all: ; : all
#file: M4 = include gen4
#+gen%: mid% ; false
#+mid%: src ; touch $@
#+all: ; : all
#file: M5 = -include gen5
#+gen%: mid% ; : nothing
#+mid%: src ; touch $@
#+all: ; : all
#file: M6 = -include gen6
#+gen%: mid% ; : nothing
#+mid%: src ; touch $@
#+all: ; : all
#file: M7 = -include gen7
#+gen%: mid% ; false
#+mid%: src ; touch $@
#+all: ; : all
# Intermediate files are deleted before make starts over.
