#args:
#args: -i
#args: .SHELLFLAGS=-ec
# .POSIX has the shell stop at an error, but not in a line with the prefix `-`, unless .SHELLFLAGS says so.
.POSIX:
all: a b
a: ; -@false; echo behind a
b: ; -false; echo behind b
