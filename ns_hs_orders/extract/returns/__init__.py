"""Return authorizations of stage 1: whether the account shows them, their signs, and reading them whole."""
