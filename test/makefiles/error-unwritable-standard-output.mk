# What cannot be written is told.
#run: $MAKE -s > /dev/full; echo $?
$(info text)
all: ; @:
