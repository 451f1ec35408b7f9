"""The data in both emulators: a made-up company, anybody's folder, and the passing of time.

Here: what can be done with a world, re-exported from its modules. Not here: serving it over HTTP.
"""

from ns_hs_orders.sandbox.world.company.bad_orders import PLANTED, Planted
from ns_hs_orders.sandbox.world.company.build import generate
from ns_hs_orders.sandbox.world.folder import LoadError, read_folder, write_folder
from ns_hs_orders.sandbox.world.lived_in import lived_in
from ns_hs_orders.sandbox.world.load import NotEmptyError, load_world
from ns_hs_orders.sandbox.world.model import World
from ns_hs_orders.sandbox.world.suitetax import with_suitetax
from ns_hs_orders.sandbox.world.summary import CurrencySum, Summary, summarize, summary
from ns_hs_orders.sandbox.world.tick import tick

__all__ = [
    "PLANTED",
    "CurrencySum",
    "LoadError",
    "NotEmptyError",
    "Planted",
    "Summary",
    "World",
    "generate",
    "lived_in",
    "load_world",
    "read_folder",
    "summarize",
    "summary",
    "tick",
    "with_suitetax",
    "write_folder",
]
