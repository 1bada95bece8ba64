# .POSIX: the shell gets -e, default variables change.
.POSIX:
all:
	@false; echo not reached
v: ; @echo '$(CC) $(CFLAGS) $(ARFLAGS) $(.SHELLFLAGS)'
