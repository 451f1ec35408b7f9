"""The data in both emulators: a made-up company, anybody's folder, and the passing of time.

Here: what can be done with a world, re-exported from its modules. Not here: serving it over HTTP.
"""

from ns_hs_orders.sandbox.world.company.bad_orders import PLANTED, Planted
from ns_hs_orders.sandbox.world.company.build import generate
from ns_hs_orders.sandbox.world.model import World

__all__ = ["PLANTED", "Planted", "World", "generate"]
