# -v begins as configure scripts expect.
#run: $MAKE -v | sed -n '1s/^\(GNU Make [0-9.]*\).*/\1/p'
#run: $MAKE --version --nonsense 2>&1 | sed -n '1s/^\(GNU Make [0-9.]*\).*/\1/p'
all: ;
