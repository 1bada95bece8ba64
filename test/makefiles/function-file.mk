# $(file) writes, appends and reads.
$(file >out,one)
$(file >>out,two)
$(file >empty)
define NL


endef
$(file >one-newline,x$(NL))
$(info [$(file <out)] [$(file <missing)] [$(file < empty)])
all: ;
