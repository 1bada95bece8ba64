# With -j2 work starts in the order of the prerequisites.
#args: -j2
WAIT = while test ! -e $(1); do sleep 0.02; done
all: a b c
a: ; @$(call WAIT,c.done); echo a
b: ; @echo b
c: ; @echo c; touch c.done
