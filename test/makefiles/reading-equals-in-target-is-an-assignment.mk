# A line with = before : is an assignment.
a=b: c
all: ; @echo '$(a)'
