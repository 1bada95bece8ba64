# A target-specific export and unexport.
export E = global
a: export V = exported
b: V = plain
c: unexport E = mine
all: a b c
a b c:
	@echo $@ "[$$V][$$E]" '$(E)'
