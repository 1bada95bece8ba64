# Patterns among the targets of a normal rule are complained about one by one.
#args: all b
all: ; @echo $@
b c% d e%: ; @echo $@
