# $(subst).
$(info [$(subst ee,EE,feet on the street)])
$(info [$(subst ,x,abc)] [$(subst a,,banana)] [$(subst a,b,)])
$(info [$(subst .,,a.b)] [$(subst $ ,-,a b)])
all: ;
