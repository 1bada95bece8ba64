# A conditional that is not closed stops make.
ifdef X
all:
