# A rule names its own target, which another rule can make: the prerequisites of that one stand in place of those behind it.
#args: -r
.SUFFIXES:
all: see.o
%.o: h %.o j
	@echo x [$^] $* $<
%.o: %.q k l;@echo y
h j k l:;@echo $@
%.q: %.o; @echo z [$^]
