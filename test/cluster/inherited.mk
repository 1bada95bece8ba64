# Recipes that use the descriptors with which their make was started, and where each of them ran.
SHELL := /bin/bash
TARGETS := write by-script file file-again copy null folder both pipe
all: $(TARGETS) full
$(TARGETS): ; @$(RUN_$@); echo "$@ $${MPMAKE_JOB+there}" >>where
RUN_write := echo written >&3; echo appended >&4
RUN_by-script := ./script
RUN_file := read -r line <&5; echo "$$line"
RUN_file-again := read -r line <&5; echo "$$line"
RUN_copy := echo plain; echo copied >&7; echo plain
RUN_null := cat <&6; echo nothing
RUN_folder := test -e /dev/fd/8/in; echo $$?
RUN_both := read -r line <&9; echo more >&9; echo "$$line"
RUN_pipe := read -r line <&10; echo "$$line"
.IGNORE: full
full: ; @echo lost >&11
