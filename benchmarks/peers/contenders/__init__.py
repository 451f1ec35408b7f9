"""One program a contender, each written as a competent user of that tool would write it.

Belongs here: programs that read orders from JSON lines, say "ready", wait for a line, and write to HubSpot; exit code
3 says that they came to their end and some orders were refused. Does not belong here: anything that they share; the
others run in an environment that has none of our packages.
"""
