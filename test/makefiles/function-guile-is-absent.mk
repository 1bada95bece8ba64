# Without Guile $(guile) is a variable like any other.
$(info [$(guile (+ 1 2))] [$(filter guile,$(.FEATURES))])
all: ;
