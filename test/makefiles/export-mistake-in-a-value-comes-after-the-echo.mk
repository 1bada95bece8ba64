# A mistake in an exported value stops make when the recipe's line has been echoed.
export bar = $(word
all:
	echo first
