# -I- removes the folders given before it and the default ones.
#args: -I one -I- -I two
#file: one/a.mk = A = one
#file: two/b.mk = B = two
-include a.mk b.mk
all: ; @echo '[$(A)] [$(B)] [$(.INCLUDE_DIRS)]'
