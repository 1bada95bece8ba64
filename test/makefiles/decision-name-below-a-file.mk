#args: -k -r
#file: file
# A name below a file that is no directory is just missing.
all: file/ file/x
