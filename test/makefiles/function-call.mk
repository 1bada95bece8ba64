# $(call) with parameters, nested, and $(0).
reverse = $(2) $(1)
map = $(foreach a,$(2),$(call $(1),$(a)))
show = <$(0):$(1)>
$(info [$(call reverse,a,b)] [$(call reverse,a)])
$(info [$(call map,show,x y)] [$(call map,origin,o CC)])
$(info [$(call undefined,x)] [$(call notdir,a/b)] [$(call   show  ,  x  )])
outer = $(call inner,$(1)) $(1)
inner = ($(1))
$(info [$(call outer,z)])
all: ;
