# Without a makefile and without goals.
#run: mkdir empty; cd empty; $MAKE
#run: cd empty; $MAKE goal
#run: cd empty; $MAKE -f none.mk
