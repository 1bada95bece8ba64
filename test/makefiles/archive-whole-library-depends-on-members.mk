# An archive that depends on its members.
#args: -n
#file: a.o
#file: b.o
libx.a: libx.a(a.o) libx.a(b.o)
	ranlib $@
