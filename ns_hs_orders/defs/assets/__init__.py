"""The assets, one module a stage; each gets, calls one function of the session, and attaches metadata."""
