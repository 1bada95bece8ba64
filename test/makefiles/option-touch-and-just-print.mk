# With -t, -n shows the lines that run all the same.
#run: $MAKE -nt; rm -f x; $MAKE -t; rm -f x
all: x
x: ; @echo x
	+echo plus
	+@echo silent plus
	@: $(MAKE)
