# Static pattern rules.
objects = foo.o bar.o
.PHONY: all
all: $(objects)
$(objects): %.o: %.c common.h
	@echo $@ from $< stem $* all $^
%.c %.h: ;
