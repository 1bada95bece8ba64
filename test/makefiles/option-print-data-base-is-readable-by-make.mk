# What -p prints can be read again by make.
#run: $MAKE -pqr | sed '/^M[AKE]*FLAGS/d' > data-base; $MAKE -rf data-base all; rm data-base
A = $(B)c
B := b
all: dep ; @echo $(A) $^
dep: ;
%.x: %.y ; echo $@
