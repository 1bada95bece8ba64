# Operators need no blanks around them.
A=1
B:=2
C::=3
D?=4
E+=5
F!=echo 6
all:
	@echo $A $B $C $D $E $F
