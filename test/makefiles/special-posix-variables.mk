# .POSIX changes default variables.
.POSIX:
all: ; @echo '$(CC) $(CFLAGS) $(.SHELLFLAGS) $(FC) $(FFLAGS) $(SCCSGETFLAGS)'
