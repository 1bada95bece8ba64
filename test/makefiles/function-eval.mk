# $(eval) reads its expansion as makefile text.
define rule
$(1): ; @echo made $$@ from $(1)
V_$(1) := $$(words a b)
endef
$(foreach t,x y,$(eval $(call rule,$(t))))
$(info [$(V_x)$(V_y)] [$(eval A = 1)$(A)])
.DEFAULT_GOAL = all
all: x y
