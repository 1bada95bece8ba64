# -include and sinclude ignore missing files.
-include missing1.mk
sinclude missing2.mk
all:
	@echo reached
