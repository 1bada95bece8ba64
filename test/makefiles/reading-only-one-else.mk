# A second bare else.
ifdef A
else
else
endif
all:
