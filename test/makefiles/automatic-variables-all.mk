# All automatic variables of an explicit rule.
#file: a@1
#file: b@20
#file: out@10
out: a b a | c
	@echo '@=$@ <=$< ?=$? ^=$^ +=$+ |=$| *=$* %=$%'
c: ;
