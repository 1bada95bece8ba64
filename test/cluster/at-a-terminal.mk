all: tty text mixed progress failed

tty:
	test -t 1 && echo out; test -t 2 && echo err; stty size <&1; stty -a <&1; tty <&1 | sed 's/[0-9].*//'
	echo to the error >&2

text: tty
	@printf 'one\ntwo\r\nthree\n\nfour\tfive\n'; printf '\033[1mbold\033[0m\n'; seq 1 3000

mixed: text
	@for i in 1 2 3; do echo out $$i; echo err $$i >&2; done
	@-printf 'no newline'; exit 3
	@printf 'nor here'

progress: mixed
	@for i in 10 50 100; do printf '\r%s %%' $$i; done; echo; printf '\r'

failed: progress
	@echo before; exit 4

resized:
	trap 'stty size <&1; exit 3' WINCH; stty size <&1; sleep 10 & wait; wait
