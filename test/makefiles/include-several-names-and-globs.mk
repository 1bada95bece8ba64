# include takes several names, wildcards and variables.
#file: a.mk = A = a
#file: b1.mk = B += b1
#file: b2.mk = B += b2
#file: c.mk = C = c
C_FILE = c.mk
include a.mk b*.mk $(C_FILE)
all:
	@echo $(A) $(B) $(C)
	@echo $(MAKEFILE_LIST)
