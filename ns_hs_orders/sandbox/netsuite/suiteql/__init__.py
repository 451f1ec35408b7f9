"""SuiteQL, executed for real: parsed, refused where NetSuite refuses, translated to SQLite, run in pages.

Belongs here: the language. Does not belong here: HTTP, logins, the tables' contents.
"""
