#args: -r all
#args: -r four
#args: -r five six
#args: -r dc
#args: -r proj1.exe
#args: -r env
.SECONDEXPANSION:
all: one two three
one: $$(warning one)
two: $$(warning two)


two: x $$(warning twoB)
	@echo recipe

three: y \
  $$(warning three)
	@echo recipe
three: $$(warning threeB)
%: $$(warning pat $$@)
	@echo rec
four: $$(warning four)
five six seven: $$(warning group $$@)
five six seven &:
	@echo x
dc:: $$(warning dca)
dc:: $$(warning dcb)
	@echo a
proj1.exe: proj1.o $$(eval $$(test))
define test
proj1.o: proj1.c
endef
env: export X = $(warning x)1
env: SHELL = $(warning sh)/bin/sh
env: .SHELLFLAGS = $(warning flags)-c

env:
	@echo $$X

proj1.o two three env: Makefile
Makefile x y: ;
