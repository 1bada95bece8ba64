# Several members in one pair of parentheses.
#args: -n
all: lib.a(one.o two.o three.o)
	@echo $^
lib.a(one.o two.o three.o): ;
