# -Onone lets output come as it is written.
#args: -j2 -Onone
WAIT = while test ! -e $(1); do sleep 0.02; done
all: a b
a: ; @echo a1; touch a.1; $(call WAIT,b.1); echo a2
b: ; @$(call WAIT,a.1); echo b1; touch b.1
