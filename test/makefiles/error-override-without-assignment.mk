# override without an assignment.
override
all: ; @echo no
