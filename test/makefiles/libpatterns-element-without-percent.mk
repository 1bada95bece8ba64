#args: all
#args: all two
#args: a.p
#file: mtest_foo.a@0
#file: a.q@0
#file: mtest_bar.a@0
.LIBPATTERNS = mtest_foo.a mtest_%.a other
all: -lfoo ; @echo "build $@ from $<"
%.p: %.q -lfoo ; @echo never
two: -lbar -lfoo ; @echo "build $@ from $^"
