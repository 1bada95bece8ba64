# $(v:a=b) and $(v:%a=%b).
S = a.c b.c c.h a.c.c
all:
	@echo $(S:.c=.o) / $(S:%.c=x%.y) / $(S:a%=%b) / ${S:.h=}
