"""Return authorizations of stage 4: both systems looked at and compared, return by return."""
