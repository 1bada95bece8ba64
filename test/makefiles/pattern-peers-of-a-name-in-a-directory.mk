#args: -r dir/aitch.o
#file: dir/x
# The other targets of a pattern rule get the stem with its directory, wherever their % stands.
s%.p %.q t/%.r %.o: ; touch $@ ; echo '$*'
