"""The live lane: what changed in NetSuite is noticed, read, written and measured within a minute."""
