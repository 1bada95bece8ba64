# A line that starts with a tab is ordinary syntax while there is no rule.
	A = one
all:
	@echo $(A)
