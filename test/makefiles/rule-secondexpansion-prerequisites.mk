# With .SECONDEXPANSION prerequisites are expanded again, automatic variables set.
.SECONDEXPANSION:
A = early
all: one two.x
one: $$(A) $$@.dep
	@echo $@: $^
A = late
two.x: dir/$$(basename $$@).y
	@echo $@: $^
early late one.dep dir/two.y: ;
