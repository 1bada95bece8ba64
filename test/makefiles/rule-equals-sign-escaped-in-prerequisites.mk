# A backslash keeps an equals sign in a prerequisite; only what is written there counts, and only up to an equals sign without one.
x := from\=value
all: b a\=c $x one | z\=d ; $(info [$^] [$|])
one: b c=d e\=f ; $(info [$^])
%: ; $(info $@)
