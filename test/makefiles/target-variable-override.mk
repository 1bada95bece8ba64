# A target-specific override beats the command line.
#args: A=cmd B=cmd
all: override A = over
all: B = ignored
all:
	@echo $(A) $(B)
