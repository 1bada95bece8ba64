# $(findstring).
$(info [$(findstring a,a b c)] [$(findstring a,b c)] [$(findstring ,abc)] [$(findstring b c,a b c d)])
all: ;
