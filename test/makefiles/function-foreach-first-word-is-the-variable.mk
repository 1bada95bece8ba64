# The variable of $(foreach) is the first word of its name.
$(info $(foreach a b,c,[$(a)] [$(b)]))
$(info $(foreach  a ,1 2,<$(a)>))
all: ;
