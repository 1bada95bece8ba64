#args: -s
#args: -s -i
#args: SILENT=.SILENT
#args: a
# Where all is silent, errors that are ignored are not told.
all: a b
$(SILENT):
a: ; -false
b: ; @false
