# $(eval) in a recipe may not add prerequisites.
all:
	$(eval all: more)
	@echo x
