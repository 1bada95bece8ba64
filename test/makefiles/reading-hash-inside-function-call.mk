# A number sign within a function call is no comment.
A = $(subst x,#,axb)
all:
	@echo '$(A)'
