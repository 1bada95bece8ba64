# A chain of five thousand targets.
#run: awk 'BEGIN { print "all: t1"; for (i = 1; i < 5000; i++) print "t" i ": t" i + 1; print "t5000: ; @echo bottom" }' > deep.mk; $MAKE -rf deep.mk; rm deep.mk
