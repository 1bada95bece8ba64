#args: -f M1 -n all
#args: -f M2 -q all
#args: -f M3 -t all
#args: -f M4 -s all
#args: -f M5 -i all
#args: -f M6 -k all
#args: -f M7 all
#args: -f M8 all
#file: src@1
#file: M1 = -include gen1
#+gen%: mid% ; touch $@
#+mid%: src ; touch $@
#+all: ; : all
#file: M2 = -include gen2
#+gen%: mid% ; touch $@
#+mid%: src ; touch $@
#+all: ; : all
#file: M3 = -include gen3
#+gen%: mid% ; touch $@
#+mid%: src ; touch $@
#+all: ; : all
#file: M4 = -include gen4
#+gen%: mid% ; touch $@
#+mid%: src ; touch $@
#+all: ; : all
#file: M5 = -include gen5
#+gen%: mid% ; touch $@;false
#+mid%: src ; touch $@
#+all: ; : all
#file: M6 = -include gen6 gem7
#+gen%: mid% ; touch $@
#+gem%: mid% ; touch $@; false
#+mid%: src ; touch $@
#+all: ; : all
#file: M7 = all: bin/x ; : all
#+gen%: mid% ; touch $@
#+M%: mid% ; touch $@
#+mid%: src ; echo '# $@' > $@
#file: M8 = all: ; : all
#+include gen8 gem8
#+gen%: mid% ; touch $@
#+gem%: mid% ; touch $@; false
#+mid%: src ; touch $@
# Intermediate files are deleted before make starts over, as at its end.
