"""The NetSuite emulator: token endpoint, TBA, SuiteQL over REST, server time.

Belongs here: NetSuite's answers, as they are documented or were seen by others, over a SQLite file.
Does not belong here: what happens in the company (sandbox/world), faults (sandbox/faults).
"""
