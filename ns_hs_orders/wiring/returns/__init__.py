"""Return authorizations over a session: the same stages as orders, with a state store of their own."""
