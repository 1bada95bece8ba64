ifneq "" ""
X = 1
else text
X = 2
else
X = 3
endif
ifeq "" ""
Y = 1
else text
Y = 2
else ifeq "" ""
Y = 3
endif
all: ; @echo $(X) $(Y)
