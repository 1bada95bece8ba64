# -B remakes a makefile once, not after starting over.
#args: -B
$(info restarts [$(MAKE_RESTARTS)])
all: ; @echo all
Makefile: gen ; @echo remaking Makefile; touch $@
gen: ; @echo gen; touch gen
