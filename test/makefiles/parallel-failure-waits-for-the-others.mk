# A failure waits for what runs, and starts nothing more.
#args: -j2
WAIT = while test ! -e $(1); do sleep 0.02; done
all: a b c
a: ; @$(call WAIT,b.started); exit 1
b: ; @touch b.started; sleep 0.5; echo b
c: ; @echo never
