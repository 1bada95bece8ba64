# Later goals are not made after a failure without -k, and are with it.
#args: bad good
#args: -k bad good
bad: ; @false
good: ; @echo good
