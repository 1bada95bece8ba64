# Several intermediate files of a chain.
#file: a.1
#args: a.4
%.4: %.3 ; cp $< $@
%.3: %.2 ; cp $< $@
%.2: %.1 ; cp $< $@
