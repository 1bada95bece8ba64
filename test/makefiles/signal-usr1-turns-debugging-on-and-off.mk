# SIGUSR1 turns the basic debug lines on, and off again.
all: a b c
	@echo $@
a c: ; @kill -USR1 $$PPID; sleep 0.5
b: ; @echo $@
