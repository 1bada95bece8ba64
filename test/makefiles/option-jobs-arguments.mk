# What -j takes, and refuses.
#run: $MAKE -j0 2>&1 | sed 2q
#run: $MAKE -jx 2>&1 | sed 2q
#run: $MAKE -j 2 --jobserver-style=none
#args: -j 2 all
#args: -j all
#args: --jobs=3
all: ; @echo made '$(filter-out --jobserver%,$(MAKEFLAGS))'
