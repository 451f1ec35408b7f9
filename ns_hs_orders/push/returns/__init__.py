"""Return authorizations of stage 3: in the terms of the push, their totals, outcomes and checks."""
