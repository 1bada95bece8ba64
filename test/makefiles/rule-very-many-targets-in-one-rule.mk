# Ten thousand targets and prerequisites.
#run: awk 'BEGIN { printf "all:"; for (i = 0; i < 10000; i++) printf " t" i; print " ; @echo $(words $^)"; for (i = 0; i < 10000; i++) print "t" i ":" }' > many.mk; $MAKE -rf many.mk; rm many.mk
