# A value that leads through two hundred others.
#run: awk 'BEGIN { for (i = 0; i < 200; i++) print "V" i " = $(V" i + 1 ")"; print "V200 = bottom\nall: ; @echo $(V0)" }' > nest.mk; $MAKE -f nest.mk; rm nest.mk
