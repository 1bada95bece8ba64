# Words that look like directives but are none.
exports A = 1
all: ; @echo no
