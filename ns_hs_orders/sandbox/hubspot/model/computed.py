"""Values that HubSpot computes itself when a record is written.

Belongs here: formulas, exact in decimals. Does not belong: deciding who may write what.
"""

from decimal import Context, Decimal

from ns_hs_orders.sandbox.hubspot.model.pipelines import stage_state
from ns_hs_orders.sandbox.hubspot.model.schema import currencies
from ns_hs_orders.sandbox.hubspot.model.session import Session
from ns_hs_orders.sandbox.hubspot.model.values import plain_number, stamp

Values = dict[str, str]
_EXACT = Context(prec=200)


def computed(session: Session, object_type: str, values: Values) -> dict[str, str | None]:
    """The computed properties that follow from `values`; None where there is nothing to compute from."""
    if object_type == "line_items":
        return _line_item(values)
    if object_type == "orders":
        return _order(session, values)
    return {}


def _line_item(values: Values) -> dict[str, str | None]:
    if "quantity" not in values or "price" not in values:
        return dict.fromkeys(("amount", "hs_pre_discount_amount", "hs_total_discount", "hs_post_tax_amount"))
    quantity = Decimal(values["quantity"])
    gross = _EXACT.multiply(quantity, Decimal(values["price"]))
    discount = _EXACT.multiply(quantity, Decimal(values.get("discount", "0")))
    percent = Decimal(values.get("hs_discount_percentage", "0")).scaleb(-2, _EXACT)
    discount = _EXACT.add(discount, _EXACT.multiply(gross, percent))
    amount = _EXACT.subtract(gross, discount)
    return {
        "amount": plain_number(amount),
        "hs_pre_discount_amount": plain_number(gross),
        "hs_total_discount": plain_number(discount),
        "hs_post_tax_amount": plain_number(_EXACT.add(amount, Decimal(values.get("tax", "0")))),
    }


def _order(session: Session, values: Values) -> dict[str, str | None]:
    state = stage_state(session, "orders", values.get("hs_pipeline"), values.get("hs_pipeline_stage"))
    closed = state == "CLOSED"
    closed_date = values.get("hs_closed_date") or stamp(session.now_ms)
    rate = _rate(session, values.get("hs_currency_code"))
    total = values.get("hs_total_price")
    home = (
        plain_number(_EXACT.multiply(Decimal(total), rate))
        if total is not None and rate is not None
        else None
    )
    return {
        "hs_is_closed": "true" if closed else "false",
        "hs_closed_date": closed_date if closed else None,
        "hs_is_canceled": "true" if "hs_external_canceled_date" in values else "false",
        "hs_exchange_rate": None if rate is None else plain_number(rate),
        "hs_homecurrency_amount": home,
    }


def _rate(session: Session, code: str | None) -> Decimal | None:
    """HubSpot's own rate to the company currency, never the sender's."""
    if code is None:
        return None
    home = currencies(session.db)[0]
    if code == home:
        return Decimal(1)
    row = session.db.execute(
        "SELECT rate FROM exchange_rates WHERE from_code = ? AND to_code = ? ORDER BY id DESC LIMIT 1",
        (code, home),
    ).fetchone()
    return Decimal(row[0]) if row else None
