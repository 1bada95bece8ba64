# $(sort) in byte order, duplicates removed.
$(info [$(sort foo bar lose foo Bar _x 1 10 2)])
$(info [$(sort )])
all: ;
