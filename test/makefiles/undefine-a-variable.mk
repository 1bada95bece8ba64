# undefine makes a variable unset; override is needed for one of the command line.
#args: B=b C=c
A = a
undefine A
undefine B
override undefine C
all:
	@echo '$(A) $(B) $(C) $(origin A) $(origin B) $(origin C) $(flavor A)'
