# A mistake in an included file is told with its name and line.
#file: sub.mk
#+A = 1
#+
#+what is this
include sub.mk
all:
