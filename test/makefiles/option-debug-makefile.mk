# --debug=makefile tells of remaking makefiles.
#run: $MAKE -r --debug=makefile | sed '/^GNU Make/,/permitted by law/d'
-include inc.mk
all: ; @echo $@
inc.mk: ; echo > $@
