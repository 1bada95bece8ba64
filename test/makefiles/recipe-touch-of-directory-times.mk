# A recipe that makes a folder and a file in it.
all: dir/file
dir/file: | dir ; echo text > $@
dir: ; mkdir $@
