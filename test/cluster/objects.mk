# Objects that include generated headers, an archive of them, a sub-make with an archive of its own, and a program of both.
# Nothing in it depends on time, place or order; what a recipe reads is part of what it writes, so that anything read too early shows.
COUNT ?= 200
N := $(shell seq 1 $(COUNT))
HEADERS := $(addprefix h/,$(addsuffix .h,1 2 3 4 5 6 7 8 9 10))
OBJECTS := $(N:%=o/%.o)
# Every machine asks for names before they are there, and so remembers that they are not
LOOK = for f in $(HEADERS) $(OBJECTS) libone.a two/libtwo.a; do test -e $$f && cat $$f; done >/dev/null 2>&1; true

all: program

h o:
	mkdir -p $@

$(HEADERS): h/%.h: seed.txt | h
	@$(LOOK)
	{ echo "header $*"; cat seed.txt; } > $@

$(OBJECTS): o/%.o: $(HEADERS) | o
	{ echo "object $*"; cat $(HEADERS) | cksum; } > $@

libone.a: $(OBJECTS)
	rm -f $@; ar rcD $@ $^

two/libtwo.a: sub ;
.PHONY: sub
sub: $(HEADERS)
	$(MAKE) -C two -f ../two.mk COUNT=$(COUNT)

program: libone.a two/libtwo.a
	{ ar p libone.a; ar p two/libtwo.a; } > $@
