#env: A=$(warning not expanded)x$y
#env: B=$(foo)
#env: C=$(foo)
#env: D=$$
#args:
#args: -e
# What came of the environment is given back as it was, dollars and all, unless a makefile has changed it.
foo = 1
export B
C += 2
all: D += 3
all: ; @echo "$$A $$B $$C $$D" '$(shell echo "$$A $$B $$C $$D")'
