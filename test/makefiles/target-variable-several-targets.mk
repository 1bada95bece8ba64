# One statement for several targets.
a b: V = ab
b c: W = bc
all: a b c
a b c:
	@echo $@ [$(V)] [$(W)]
