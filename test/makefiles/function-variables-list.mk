# $(.VARIABLES) lists names.
MINE = 1
$(info $(filter MINE CURDIR SHELL MAKE YOURS,$(sort $(.VARIABLES))))
all: ;
