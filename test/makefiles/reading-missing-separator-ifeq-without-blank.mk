# A conditional without the blank behind its name gets a hint.
ifeq(a,b)
endif
all:
