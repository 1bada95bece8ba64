# Targets and prerequisites come from variables.
T = one two
D = dep
all: $(T)
$(T): $(D)
	@echo $@: $^
$(D): ;
