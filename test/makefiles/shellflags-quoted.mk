SHELL = /usr/bin/perl
.SHELLFLAGS = -w -E 'my $$x = "a b";' -e
all: ; @print "<$$x>\n"
