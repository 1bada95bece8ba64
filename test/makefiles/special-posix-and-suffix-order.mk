# .POSIX does not change the use of suffix rules.
#file: a.x
#args: a.y
.POSIX:
.SUFFIXES: .x .y
.x.y: ; @echo $@ $<
