"""The condition of the sync: what needs a person, and how it is told."""
