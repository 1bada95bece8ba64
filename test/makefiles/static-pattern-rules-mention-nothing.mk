#args: -r
#file: dee.c
#file: see.y
# What is a prerequisite of static pattern rules only may be an intermediate file, and need not exist for other rules.
all: dee.o see.o
%.o: %.c ; @echo $@ $< ; touch $@
%.c: %.y ; @echo $@ $< ; touch $@
dee.z: %.z: %.y
see.z: %.z: %.c
