# $(let) binds names to words, the last to the rest.
reverse = $(let first rest,$1,$(if $(rest),$(call reverse,$(rest)) )$(first))
$(info [$(call reverse,a b c d)])
$(info [$(let a b,1 2 3 4,$(b)-$(a))] [$(let a b c,1,<$(a)|$(b)|$(c)>)] [$(a)])
all: ;
