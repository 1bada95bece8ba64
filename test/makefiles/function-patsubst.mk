# $(patsubst), with and without a percent sign, escaped too.
$(info [$(patsubst %.c,%.o,x.c.c bar.c y.h)])
$(info [$(patsubst a,b,a ab a)])
$(info [$(patsubst %,x%y,1  2   3)])
$(info [$(patsubst a%c,%-%,abc aXXc ac)])
$(info [$(patsubst %,\%,q)] [$(patsubst a\%b,c%d,a%b)])
all: ;
