# The last argument may hold commas; parentheses are matched.
$(info [$(subst x,y,a,b,x)] [$(patsubst %,<%>,(a,b) c)] [$(if 1,(x,y),z)])
comma = ,
$(info [$(subst $(comma),;,a,b)])
all: ;
