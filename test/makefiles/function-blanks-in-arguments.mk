# Blanks behind the function's name are dropped, others stay.
$(info [$(subst   a , b ,xa x)])
$(info [$(if 1, a , b )])
all: ;
