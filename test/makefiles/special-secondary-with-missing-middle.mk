# A missing secondary file is made only when something needs it.
#file: src@1
#file: final@10
#args: final
#run: touch src; $MAKE final
.SECONDARY: middle
final: middle ; cp $< $@
middle: src ; cp $< $@
