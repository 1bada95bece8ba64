# .WAIT as a target is complained about also when it is one of several.
.WAIT x: y
x2 .WAIT: ; @echo $@
all: x x2 ; @echo $@
y: ; @echo $@
