# Programs get the depth of this make and one, whatever a makefile makes of MAKELEVEL.
#env: MAKELEVEL=3
#args: LINE='MAKELEVEL=7'
#args: LINE='unexport MAKELEVEL'
#args: LINE='undefine MAKELEVEL'
#args: LINE='all: export MAKELEVEL=7'
#args: LINE='override MAKELEVEL=7'
$(eval $(LINE))
all: ; @echo $(MAKELEVEL) "$$MAKELEVEL" '$(shell echo $$MAKELEVEL)'
