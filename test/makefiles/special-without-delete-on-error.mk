# Without .DELETE_ON_ERROR the half-made file stays.
#args:
all: out
out:
	echo half > $@
	false
