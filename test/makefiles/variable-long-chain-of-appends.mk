# Many appends.
#run: awk 'BEGIN { for (i = 0; i < 3000; i++) print "L += x" i; print "all: ; @echo $(words $(L)) $(firstword $(L)) $(lastword $(L))" }' > app.mk; $MAKE -f app.mk; rm app.mk
