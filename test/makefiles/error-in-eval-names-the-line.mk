# A mistake in $(eval) is told with the line of the eval.
$(eval bad line)
all:
