# A prefix before a canned recipe counts for each of its lines.
define lines
echo one
echo two
endef
all:
	@$(lines)
