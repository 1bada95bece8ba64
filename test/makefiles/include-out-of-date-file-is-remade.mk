# An included file that is older than its prerequisite is remade before anything else.
#args:
#args:
#file: gen.mk@1 = VALUE = old
#file: gen.in@2 = VALUE = new
include gen.mk
all:
	@echo VALUE is $(VALUE)
gen.mk: gen.in
	cp $< $@
