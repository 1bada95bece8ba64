#args: --warn-undefined-variables
#args: --warn-undefined-variables -R
#run: GNUMAKEFLAGS=-k $MAKE -R
# GNUMAKEFLAGS is a variable of make's own, empty once it was read; -R leaves it undefined.
$(info $(origin GNUMAKEFLAGS) $(flavor GNUMAKEFLAGS))
all: ; @echo 'made'
