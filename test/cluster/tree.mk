# A tree of small text files: generated lists, pattern and static pattern rules, a stamp directory, grouped and
# double-colon targets, and a part that is made by a sub-make. Nothing in it depends on time, place or order.
N := 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24
PARTS := $(N:%=out/part%.txt)

all: out/sum.txt out/table.csv out/names.txt sub/out.txt out/link out/tool.ran

out:
	mkdir -p $@

out/seed%.txt: | out
	echo 'seed $* in $(notdir $(CURDIR))' > $@

$(PARTS): out/part%.txt: out/seed%.txt
	sed 's/seed/part/; s/in .*/of the tree/' $< > $@.new
	for i in 1 2 3; do echo "$* line $$i" >> $@.new; done
	mv $@.new $@

out/sum.txt: $(PARTS)
	cat $^ | sort > $@

out/table.csv out/names.txt &: out/sum.txt
	awk '{ print NR "," $$1 "," NF }' $< > out/table.csv
	cut -c1-4 $< | sort -u > out/names.txt

out/link: out/sum.txt
	ln -sf sum.txt $@

out/tool: out/sum.txt
	{ echo '#!/bin/sh'; echo 'wc -l <"$$1"'; } > $@
	chmod 755 $@

out/tool.ran: out/tool
	cd out && ./tool sum.txt > tool.ran

sub/out.txt: out/sum.txt
	mkdir -p sub
	printf 'all: out.txt\nout.txt: a b c\n\tcat $$^ > $$@\na b c:\n\techo $$@ made > $$@\n' > sub/Makefile
	$(MAKE) -C sub

.SECONDARY:
