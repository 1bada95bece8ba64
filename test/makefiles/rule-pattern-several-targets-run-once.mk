# A pattern rule with several targets makes all of them in one run.
#file: a.y
all: a.tab.c a.tab.h
%.tab.c %.tab.h: %.y
	touch $*.tab.c $*.tab.h
