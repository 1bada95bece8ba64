#args: -q a b c
#args: -q a nope
#args: -q a f b
#args: -qk a f b
#args: -qk f a
#args: -q sub a
# A goal that is out of date does not keep -q from the next ones; the first one that is not up to date gives the exit status.
a b c: ; echo $(info $@)
f: nope ; echo $(info $@)
sub: ; +@exit 1
