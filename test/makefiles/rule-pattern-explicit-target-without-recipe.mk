# A rule without recipe lets implicit rules find one.
#file: a.in
a.out: extra
extra: ; @echo extra
%.out: %.in
	@echo $^
