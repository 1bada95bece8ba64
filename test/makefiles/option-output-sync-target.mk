# -Otarget keeps each target's output together.
#args: -j2 -Otarget
WAIT = while test ! -e $(1); do sleep 0.02; done
all: a b
a: ; @echo a1; $(call WAIT,b.started); echo a2
b: ; @echo b1; touch b.started; sleep 0.5; echo b2
