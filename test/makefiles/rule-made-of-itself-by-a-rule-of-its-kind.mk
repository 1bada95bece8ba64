# The same with rules that both name their own target: told once for each.
#args: -r
.SUFFIXES:
all: see.o
%.x %.o: %.o
	@echo x
%.o: %.o; @echo y
