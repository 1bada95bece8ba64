#args: -r x.d O='x.d: .EXTRA_PREREQS=ho'
#args: -r x.d G=hi
#args: -r x.d G=hi O='x.d: .EXTRA_PREREQS=ho'
#args: -r x.d G=hi O='x.d: X=1'
#args: -r x.d all G=hi O='all: .EXTRA_PREREQS=ho'
#args: -r x.d G=hi P='x.d: ho'
#args: -r x.d O='x.d: .EXTRA_PREREQS=hi' P='x.d: ho'
#args: -r x.d O='%.d: .EXTRA_PREREQS=hi' P='x.d: ho'
.EXTRA_PREREQS = $(G)
$(eval $(O))
$(P)
all: x.d a.d
%.d: %.s; @echo $@ $^
hi ho x.s a.s:; @echo $@
