# .SILENT with names, and alone.
#args:
#args: -f all.mk
#file: all.mk
#+.SILENT:
#+all:
#+	echo quiet
all: a b
.SILENT: a
a:
	echo a
b:
	echo b
