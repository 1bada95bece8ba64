# $(addsuffix), $(addprefix), $(join).
$(info [$(addsuffix .c,foo bar)] [$(addprefix src/,foo bar)] [$(addsuffix .c,)])
$(info [$(join a b,.c .o)] [$(join a b c,1)] [$(join a,1 2 3)])
all: ;
