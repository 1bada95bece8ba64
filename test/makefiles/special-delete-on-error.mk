# With .DELETE_ON_ERROR a target that was changed is deleted when its recipe fails.
#args:
.DELETE_ON_ERROR:
all: out
out:
	echo half > $@
	false
