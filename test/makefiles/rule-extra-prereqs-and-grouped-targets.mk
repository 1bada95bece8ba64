# An extra prerequisite that is one of the grouped targets themselves.
#args: -r
#file: src
.EXTRA_PREREQS = t3
prog t3 &: src ; @echo '$@ $^'
