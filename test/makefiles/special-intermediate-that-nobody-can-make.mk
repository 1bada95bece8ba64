# Without -k, an intermediate file that nobody can make ends all before it counts as one to be deleted
#args: -r -n
#args: -r -n -k
.INTERMEDIATE: dee.o
all: dee.o
