# Pattern and plain targets may not be mixed.
%.o all: ; @echo no
