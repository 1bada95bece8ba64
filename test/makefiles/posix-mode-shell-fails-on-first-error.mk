# In POSIX mode the shell ends at the first error, unless ignored.
#args:
#args: -i
.POSIX:
all:
	@echo one; false; echo two
