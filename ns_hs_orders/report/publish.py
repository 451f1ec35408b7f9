"""The reports of a reconciliation, put where people read them.

Belongs here: names of files, and writing them to a location. Does not belong here: what is in them (html), or
which location (settings).
"""

from __future__ import annotations

from ns_hs_orders.reconcile.schema import Reconciliation
from ns_hs_orders.report.location import put
from ns_hs_orders.report.review import Review


def report_name(result: Reconciliation) -> str:
    """`reconciliation_<first>_<last>.html`; a later reconciliation of the same days takes its place."""
    return f"reconciliation_{result.first}_{result.last}.html"


def write_report(review: Review, location: str) -> str:
    """Writes the HTML report to a folder or fsspec address, and returns its address. Raises SyncError as `put`."""
    from ns_hs_orders.report.html.page import page

    return put(location, report_name(review.result), page(review))
