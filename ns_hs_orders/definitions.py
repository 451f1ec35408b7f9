"""The code location `ns_hs_orders`, as workspace.yaml names it.

Assets   netsuite_raw_orders, netsuite_raw_lines → orders, order_lines, quarantined_orders, skipped_orders
         → hubspot_upsert_results → reconciliation_report → proven_days
         order_changes (the live lane)
Jobs     sync_days, reconcile_days, sync_orders, sync_changes
Schedule sync_last_days_daily
Sensors  watch_netsuite, alerts
"""

from ns_hs_orders.defs.build import build_defs
from ns_hs_orders.settings import load_settings

defs = build_defs(load_settings())
