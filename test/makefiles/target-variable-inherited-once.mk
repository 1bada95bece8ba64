# A prerequisite made earlier keeps what it had then.
all: first second
first: A = first
second: A = second
first second: shared ; @echo $@ $(A)
shared: ; @echo shared $(A)
