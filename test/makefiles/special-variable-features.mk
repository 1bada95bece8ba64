# .FEATURES lists what this make can do.
$(foreach f,else-if order-only target-specific undefine second-expansion shortest-stem oneshell nocomment grouped-target extra-prereqs notintermediate shell-export output-sync jobserver jobserver-fifo check-symlink archives,$(if $(filter $(f),$(.FEATURES)),,$(info missing $(f))))
all: ;
