# An empty name for a makefile or a goal.
#run: $MAKE -f '' 2>&1 | sed 1q
#args: ''
all: ; @echo made
