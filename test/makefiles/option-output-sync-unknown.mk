# An unknown kind of output sync.
#args: -Ononsense
all: ; @echo x
