# .DEFAULT with an empty recipe takes all as made.
all: one two ; @echo $^
.DEFAULT: ;
