# CURDIR is a variable that may be changed, and the environment's is not used.
#env: CURDIR=/nowhere
all: ; @test '$(CURDIR)' = "$$(pwd)" && echo same
