# What a shell expands is expanded.
#file: a.c
#file: b.c
all:
	@echo *.c
	@echo x > out; cat < out
	@echo ~root | sed 's,/.*,/,'
