"""`python -m ns_hs_orders`: the command line."""

import sys

from ns_hs_orders.cli import run

sys.exit(run())
