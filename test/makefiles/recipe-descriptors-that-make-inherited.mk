# Descriptors that make has inherited are open in recipes, in $(shell) and in makes below.
#file: in = from in
#run: $MAKE all 5>out 7<in; cat out
#run: $MAKE --jobserver-style=pipe -j2 5>out 7<in; cat out
X := $(shell echo shell >&5; cat <&7)
all: ; @echo recipe $X >&5; $(MAKE) -s sub
sub: ; @echo sub >&5; ls /proc/self/fd | grep -c '^[57]$$'
