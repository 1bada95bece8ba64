# $(realpath) follows links and wants existence, $(abspath) does neither.
#file: d/f
#link: l -> d
$(info [$(patsubst $(CURDIR)/%,%,$(realpath l/f d/../d/f missing))])
$(info [$(patsubst $(CURDIR)/%,%,$(abspath l/f ./d//x/../y missing))])
$(info [$(abspath /a/b/../c/./d//e /../x)])
all: ;
