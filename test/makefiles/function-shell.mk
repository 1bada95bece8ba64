# $(shell) folds newlines, drops the last ones, and sets .SHELLSTATUS.
$(info [$(.SHELLSTATUS)])
A := $(shell printf 'a\nb\n\n\n')
$(info [$(A)] [$(.SHELLSTATUS)])
B := $(shell exit 7)
$(info [$(B)] [$(.SHELLSTATUS)])
C := $(shell echo to stderr >&2)
$(info [$(shell no-such-command-here 2>/dev/null)] [$(.SHELLSTATUS)])
all: ;
