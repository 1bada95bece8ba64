# .EXTRA_PREREQS that nothing can make, with and without variables of the target's own.
#args: plain
#args: special
.EXTRA_PREREQS = missing
plain:
special:
special: A ?=
