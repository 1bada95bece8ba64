# Programs that get no descriptors of a jobserver's pipe are told so; MAKEFLAGS of a recipe with a make is as it is.
#args: -j2 --jobserver-style=pipe A=1
#args: -j2
all: none make
none: ; @echo "$$MAKEFLAGS|$$MFLAGS" | sed 's/[0-9]*,[0-9]* /R,W /g;s/fifo:[^ |]*/F/g;s/=[0-9]*,[0-9]*$$/=R,W/'
make: none ; @: $(MAKE); echo "$$MAKEFLAGS" | sed 's/[0-9]*,[0-9]*/R,W/g;s/fifo:[^ |]*/F/g'
