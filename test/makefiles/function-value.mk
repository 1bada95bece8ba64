# $(value) is the text as written.
A = $(B) $$x $@
$(info [$(value A)])
all: ;
