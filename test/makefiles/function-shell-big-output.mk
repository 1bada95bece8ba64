# A hundred thousand lines from $(shell).
A := $(shell i=0; while [ $$i -lt 1000 ]; do echo "line $$i of a text that is long enough to fill a pipe when it is repeated often"; i=$$((i+1)); done)
all: ; @echo $(words $(A)) $(lastword $(A))
