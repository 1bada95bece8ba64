# $(wildcard) in a recipe sees what earlier recipes made.
all: dir/x
	@echo '$(wildcard dir/*)'
dir/x:
	mkdir dir; touch dir/x dir/y
