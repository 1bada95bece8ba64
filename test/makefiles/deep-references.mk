v0 = end
last := 0
$(foreach n,$(shell seq 6000),$(eval v$n = $$(v$(last)))$(eval last := $n))
all: ; @echo $(v6000)
