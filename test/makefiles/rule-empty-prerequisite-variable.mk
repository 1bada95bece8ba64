# Rules whose lists are empty.
NONE =
all: $(NONE) | $(NONE) ; @echo '[$^] [$|]'
