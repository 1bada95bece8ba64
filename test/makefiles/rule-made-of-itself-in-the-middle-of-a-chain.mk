# The middle file of a chain is to be made of itself by another rule: the rule found last counts.
#args: -r all x
.SUFFIXES:
all: ; @echo all
%.y: ; @echo $@
%.c: %.y ; @echo $@
%.o: %.o % ; @echo $@ from $^
%.o: %.c ; @echo $@ from $^
%: %.o ; @echo $@
