# -I folders are searched in order behind the current folder.
#args: -I one -I two
#file: one/a.mk = A = one
#file: two/a.mk = A = two
#file: two/b.mk = B = two
include a.mk b.mk
all:
	@echo $(A) $(B) $(filter one two,$(.INCLUDE_DIRS))
