# GNUmakefile comes before makefile before Makefile.
#args:
#run: rm GNUmakefile; $MAKE; rm makefile; $MAKE
#file: GNUmakefile = all: ; @echo GNUmakefile
#file: makefile = all: ; @echo makefile
all: ; @echo Makefile
