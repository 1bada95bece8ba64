# .LIBPATTERNS says what -lNAME may be.
#file: mylib-foo.x
.LIBPATTERNS = none-% mylib-%.x
all: -lfoo
	@echo $^
