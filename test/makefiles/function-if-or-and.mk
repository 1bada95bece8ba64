# $(if), $(or), $(and) expand only what is needed.
$(info [$(if ,a,b)] [$(if x,a,b)] [$(if x,a)] [$(if ,a)] [$(if  ,a,b)] [$(if $(undefined),a,b)])
$(info [$(or ,,c,$(error no))] [$(or ,)] [$(or a,b)])
$(info [$(and a,b,c)] [$(and a,,$(error no))] [$(and )])
$(info [$(if x,a,b,c)])
all: ;
