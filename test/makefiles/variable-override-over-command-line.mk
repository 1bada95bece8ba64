# override sets what the command line has set.
#args: A=cmd B=cmd C=cmd
A = file
override B = over
override C += more
C += ignored
all:
	@echo $(A) / $(B) / $(C) / $(origin A) $(origin B) $(origin C)
