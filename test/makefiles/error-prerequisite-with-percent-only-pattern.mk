# A pattern rule without prerequisites and recipe does nothing.
%.x:
all: ; @echo fine
