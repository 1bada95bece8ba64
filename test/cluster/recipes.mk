# Recipes that print what they see; one by one, so that the order of everything counts.
# Run once here and once on a node, with the same output in the end.
export ODD := a=b"c $$ 'd'
PROBES = words environment directory umask files limits priority signals input-first input-second nothing-open kinds \
 order by-name large binary other-shell traps exits signalled core ignored not-there not-runnable \
 script status-of-last background children time-of-files lock long-line many-lines
all: $(PROBES)
.PHONY: all $(PROBES)
.NOTPARALLEL:

words:
	@printf '<%s>' a '' ' b c ' "quo'te" '*' '$$HOME' '#' \
	 'continued'; echo
	@echo no shell needed
environment:
	@printf '%s|' "$$ODD" "$$MAKELEVEL" "$$MFLAGS"; env | grep -c -v -e ^MPMAKE_ -e ^NODES= -e ^_=
directory:
	@pwd; pwd -P; echo $$PWD
umask:
	@umask; : > made; stat -c %a made; rm made
files:
	@mkdir -p d/e && echo x > d/e/f && stat -c '%F %a %u %g %s' d d/e/f && rm -r d
limits:
	@cat /proc/self/limits
priority:
	@nice; cat /proc/self/oom_score_adj
signals:
	@grep -E '^(Sig(Blk|Ign)|Shd)' /proc/self/status; kill -USR1 $$$$; echo alive
input-first:
	@read -r one; echo first got $$one; grep ^pos /proc/self/fdinfo/0; stat -Lc %F /proc/self/fd/0
input-second:
	@read -r two; echo then $$two; cat
nothing-open:
	@python3 -c 'import os; print([f for f in os.listdir("/proc/self/fd") if int(f) > 2 and os.path.exists("/proc/self/fd/" + f)])'
kinds:
	@test -p /dev/stdout && test -p /dev/stderr && echo both pipes; tty; test -t 1; echo $$?
order:
	@for i in 1 2 3 4 5; do echo o$$i; echo e$$i >&2; done
by-name:
	@echo out > /dev/stdout; echo err > /dev/stderr
large:
	@seq 1 100000 | cksum; seq 1 20000
binary:
	@printf '\000\377\001\n'
other-shell: SHELL = /bin/bash
other-shell: .SHELLFLAGS = -euc
other-shell:
	@echo $${BASH_VERSION:+bash} $$-
	echo $$unset
traps:
	@trap 'echo bye' EXIT; (exit 3); echo $$?
exits:
	@exit 200
signalled:
	@kill -TERM $$$$
core:
	@ulimit -c unlimited; cd /tmp; kill -ABRT $$$$
ignored:
	-@exit 4
	@echo behind
not-there:
	@no-such-program
not-runnable:
	@/dev/null
script:
	@printf 'echo script $$1\n' > s; chmod +x s; ./s a; rm s
status-of-last:
	@false | true; echo $$?
background:
	@sleep 0.2 & wait; echo waited
children:
	@setsid -w sh -c 'echo of another session'; (echo of a shell); sh -c 'kill -9 $$$$'; echo $$?
time-of-files:
	@: > fresh; test -z "$$(find fresh -not -newermt '5 seconds ago')" && echo fresh; rm fresh
lock:
	@exec 8> lock; flock -n 8; echo $$?; rm lock
long-line:
	@: $(foreach i,1 2 3 4 5 6 7 8 9,$(foreach j,1 2 3 4 5 6 7 8 9,$(foreach k,1 2 3 4 5 6 7 8 9,$(foreach l,1 2 3 4 5 6 7 8 9,................)))); echo long
many-lines:
	@echo 1
	@cd /; pwd
	@pwd
