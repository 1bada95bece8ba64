# Names may hold almost anything.
a.b-c/d = 1
%x = 2
a+b = 3
all:
	@echo $(a.b-c/d) $(%x) $(a+b)
