# A reference without a name is not $(0).
empty =
f = [$($(empty))] [$()] [$(0)] [$(1)]
$(info $(call f,x))
all: ; @echo '$(call f,y)'
