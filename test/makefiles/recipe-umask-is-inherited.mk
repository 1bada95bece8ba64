# The umask is make's.
#run: umask 027; $MAKE
all:
	@umask
