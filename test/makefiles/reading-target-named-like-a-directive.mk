# Words that are directives may be targets and variables.
include = 1
define = 2
export: ; @echo target export $(include) $(define)
all: ifdef
ifdef: ; @echo target ifdef
