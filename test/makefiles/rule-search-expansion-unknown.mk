#args: see.c
# A name that a search tries, and for which it expands prerequisites a second time, is not known for that.
.SECONDEXPANSION:
%:: %.c $$| ; @echo $@
