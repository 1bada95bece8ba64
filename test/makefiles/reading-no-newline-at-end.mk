# The last line needs no newline.
#run: printf 'all:\n\t@echo hello' > last.mk; $MAKE -f last.mk
