# The whole recipe is expanded before its first line runs.
all:
	@echo first
	@echo second $(info expanded)
