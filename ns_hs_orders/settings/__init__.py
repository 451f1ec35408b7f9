"""Settings of one home: `NS_HS_*` variables, each with its default, its meaning and its form."""

from ns_hs_orders.settings.kinds import OFF
from ns_hs_orders.settings.loading import SANDBOX_SETTINGS, child_environment, load_settings
from ns_hs_orders.settings.settings import Settings
from ns_hs_orders.settings.systems import PREFIX

__all__ = ["OFF", "PREFIX", "SANDBOX_SETTINGS", "Settings", "child_environment", "load_settings"]
