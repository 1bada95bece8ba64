# A prerequisite that several targets share is made once.
#args: -j4
all: a b c d
a b c d: common ; @test -e common
common: ; @sleep 0.1; echo common; touch common
