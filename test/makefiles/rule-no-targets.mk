# A makefile without rules.
A = 1
