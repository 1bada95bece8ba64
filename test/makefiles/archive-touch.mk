# -t touches members.
#run: touch a.o; ar rcU lib.a a.o; touch -d '1 hour' src; $MAKE -rt 'lib.a(a.o)' 2>&1 | grep -v 'Clock\|future'; rm lib.a a.o src
lib.a(a.o): src
	@echo never
