# The sub-make of objects.mk.
N := $(shell seq 1 $(COUNT))
HEADERS := $(addprefix ../h/,$(addsuffix .h,1 2 3 4 5 6 7 8 9 10))

libtwo.a: $(N:%=%.o)
	rm -f $@; ar rcD $@ $^

$(N:%=%.o): %.o: $(HEADERS)
	{ echo "second $*"; cat $^ | cksum; } > $@
