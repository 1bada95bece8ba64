# A target cannot be both.
.INTERMEDIATE: a
.NOTINTERMEDIATE: a
all: a
a: ;
