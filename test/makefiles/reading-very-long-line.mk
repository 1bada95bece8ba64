# Lines may be of any length.
#run: awk 'BEGIN { printf "A ="; for (i = 0; i < 50000; i++) printf " word%d", i; print "\nall: ; @echo $(words $(A)) $(lastword $(A))" }' > long.mk; $MAKE -f long.mk; rm long.mk
