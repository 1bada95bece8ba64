list = $(shell printf 'one two')3.o
%.o: C :::= $(list)
all: ${list}
.DEFAULT: ; @echo $@: $(C)
