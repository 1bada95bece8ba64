# Within a canned recipe the line is that of the recipe line that uses it.
define fails
@true
@false
endef
all:
	@true
	$(fails)
