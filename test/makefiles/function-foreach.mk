# $(foreach); the variable is restored afterwards.
v = before
$(info [$(foreach v,a b c,<$(v)>)] [$(v)])
$(info [$(foreach x,,y)] [$(foreach x,1 2,$(foreach y,a b,$(x)$(y)))])
$(info [$(foreach n,v,$($(n)))] [$(origin x)])
all: ;
