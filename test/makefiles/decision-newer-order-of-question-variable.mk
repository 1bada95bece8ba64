# $? lists newer prerequisites in their order.
#file: out@10
#file: a@20
#file: b@5
#file: c@30
out: c a b d
	@echo '$?'
d: ;
