# Origin and flavor of target-specific values.
#args: C=1
all: A = 1
all: B := 2
all: override C = 3
all: ; @echo $(origin A) $(flavor A) $(origin B) $(flavor B) $(origin C) $(C)
