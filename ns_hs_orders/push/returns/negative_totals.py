"""Whether the portal takes orders with a total below zero, found out with one record that is archived at once.

Belongs here: the question and its answer. Does not belong here: when it is asked, or keeping the answer (wiring).
"""

from __future__ import annotations

from collections.abc import Mapping

from ns_hs_orders.errors import ConfigError, RemoteError
from ns_hs_orders.fields.field import UNIQUE_ORDER_KEY
from ns_hs_orders.push.calls.upserts import is_refusal
from ns_hs_orders.push.ports import CrmObjects, UpsertInput

_NAME = "Asks whether totals below zero are taken (ns-hs-orders; may be deleted)"
_TOTAL = "hs_total_price"


def require_negative_totals(crm: CrmObjects, key: str, place: Mapping[str, str]) -> None:
    """Writes an order with a total below zero under this key, and archives it.

    key: of no order of NetSuite; asked again under the same key, an earlier question leaves nothing behind. place:
    pipeline and stage. Raises ConfigError naming the setting where the portal does not take it, RemoteError where it
    could not be asked.
    """
    properties = {UNIQUE_ORDER_KEY: key, "hs_order_name": _NAME, _TOTAL: "-1", **place}
    try:
        answer = crm.batch_upsert("orders", UNIQUE_ORDER_KEY, [UpsertInput(key, properties, "t0")])
    except RemoteError as error:
        if not is_refusal(error):
            raise
        raise _refused(str(error)) from error
    if answer.errors:
        raise _refused(answer.errors[0].message)
    held = crm.batch_read("orders", [key], [_TOTAL], key_property=UNIQUE_ORDER_KEY).results
    if held:
        crm.batch_archive("orders", [one.id for one in held])
    if not any((one.properties.get(_TOTAL) or "").startswith("-1") for one in held):
        raise _refused(f"it kept {[one.properties.get(_TOTAL) for one in held]}.")


def _refused(said: str) -> ConfigError:
    return ConfigError(
        "This HubSpot portal takes no order with a total below zero, as NS_HS_RETURN_TOTALS=negative asks for. Set "
        f"NS_HS_RETURN_TOTALS=zero: the amount of a return stands in netsuite_return_amount. HubSpot said: {said}"
    )
