# Variables of the command line may use :=, += and ?=.
#args: A=1 'B:=$(A)2' 'C+=3' 'D?=4' 'F::=6' 'G:::=7'
C = 0
all: ; @echo $(A) $(B) $(C) $(D) $(F) $(G) $(origin B) $(flavor B) $(flavor A)
