"""Return authorizations of stage 2: each judged by itself, and what an order's returns make of it."""
