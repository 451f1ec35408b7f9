"""The mapping file: what a user adds to the field map, renames in it or switches off in it."""
