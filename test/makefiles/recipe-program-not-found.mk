# A program that is not there, run without a shell and with one.
#args: -k
all: direct shell
direct: ; ./no-such-program with arguments
shell: ; @./no-such-program "quoted" 2>/dev/null
