# The sections of -p, without dates and numbers.
#run: $MAKE -pqrR -f small.mk | grep -E '^# (Variables|Directories|Implicit|Files|VPATH|Pattern|No|[0-9]* implicit|Make data)|^all|^%.o|^A ' | sed 's/,.*//; s/[0-9][0-9]*/N/g'
#file: small.mk
#+A = 1
#+all: dep | order ; @echo hi
#+%.o: %.c ; cc
#+%.o: V = 1
#+dep order:
