# += keeps the flavor, and is like = when the variable is unset.
X = 1
S := $(X)
R = $(X)
S += $(X)
R += $(X)
N += $(X)
X = 2
all:
	@echo '$(S)|$(R)|$(N)'
	@echo $(flavor S) $(flavor R) $(flavor N)
