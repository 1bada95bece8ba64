# $(wildcard) lists what exists, sorted for each pattern.
#file: b.c
#file: a.c
#file: d/x.h
#file: d/y.h
#file: .hidden
$(info [$(wildcard *.c)] [$(wildcard *.h)] [$(wildcard d/*.h a.c)] [$(wildcard nothing)] [$(wildcard b.c a.c)])
$(info [$(wildcard [ab].c)] [$(wildcard ?.c)] [$(wildcard d/)] [$(wildcard *d*/)] [$(wildcard */*)])
all: ;
