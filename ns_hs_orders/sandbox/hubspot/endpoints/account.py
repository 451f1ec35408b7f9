"""What HubSpot tells about the account: owners, details, usage, currencies, enabled objects, limits, the token.

Belongs here: endpoints that aren't about CRM records. Does not belong: records, properties, pipelines.
"""

import sqlite3
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from ns_hs_orders.sandbox.hubspot.endpoints.call import Answer, Call, batch_answer, paged, record_id
from ns_hs_orders.sandbox.hubspot.errors import bad_request, not_found
from ns_hs_orders.sandbox.hubspot.model import schema
from ns_hs_orders.sandbox.hubspot.model.object_types import OBJECT_TYPES, ORDERS, object_type
from ns_hs_orders.sandbox.hubspot.model.values import stamp
from ns_hs_orders.sandbox.hubspot.scopes import granted

_CURRENCY_NAMES = {
    "USD": "US Dollar", "EUR": "Euro", "GBP": "British Pound", "CAD": "Canadian Dollar", "AUD": "Australian Dollar",
    "JPY": "Japanese Yen", "KWD": "Kuwaiti Dinar", "CHF": "Swiss Franc", "DKK": "Danish Krone", "MXN": "Mexican Peso",
    "NZD": "New Zealand Dollar", "SEK": "Swedish Krona", "NOK": "Norwegian Krone", "INR": "Indian Rupee",
}  # fmt: skip
MAX_OWNERS = 500


def _owner(row: sqlite3.Row) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": str(row["id"]), "type": "PERSON", "archived": bool(row["archived"]),
        "createdAt": stamp(row["created_at"]), "updatedAt": stamp(row["created_at"]), "teams": [],
        "userIdIncludingInactive": row["user_id"],
    }  # fmt: skip
    if not row["archived"]:
        body["userId"] = row["user_id"]
    for name, column in (("email", "email"), ("firstName", "first_name"), ("lastName", "last_name")):
        if row[column]:
            body[name] = row[column]
    return body


def list_owners(call: Call) -> Answer:
    """GET owners by page or by e-mail; those that left only with archived=true."""
    limit, after = call.number("limit", 100, MAX_OWNERS), record_id(call.query.get("after", "0"))
    email = call.query.get("email")
    rows = call.session.db.execute(
        "SELECT * FROM owners WHERE archived = ? AND id > ? AND (? IS NULL OR email = lower(?)) ORDER BY id LIMIT ?",
        (int(call.flag("archived")), after, email, email, limit + 1),
    ).fetchall()
    more = str(rows[limit - 1]["id"]) if len(rows) > limit else None
    return Answer(200, paged([_owner(row) for row in rows[:limit]], more))


def read_owner(call: Call) -> Answer:
    """GET one owner by id or by userId."""
    column = "user_id" if call.query.get("idProperty") == "userId" else "id"
    row = call.session.db.execute(
        f"SELECT * FROM owners WHERE {column} = ? AND archived = ?",  # noqa: S608 - one of two column names
        (call.path["owner"], int(call.flag("archived"))),
    ).fetchone()
    if row is None:
        raise not_found(f"Owner {call.path['owner']} does not exist")
    return Answer(200, _owner(row))


def details(call: Call) -> Answer:
    """GET which account this is."""
    switches = call.session.switches
    home, *additional = schema.currencies(call.session.db)
    now = datetime.fromtimestamp(call.session.now_ms / 1000, UTC).astimezone(
        ZoneInfo(switches.hubspot_time_zone)
    )
    offset = now.utcoffset() or timedelta()
    text = now.strftime("%z")
    return Answer(
        200,
        {
            "portalId": switches.hubspot_portal_id, "accountType": switches.hubspot_account_type,
            "timeZone": switches.hubspot_time_zone, "companyCurrency": home, "additionalCurrencies": additional,
            "utcOffset": f"{text[:3]}:{text[3:]}", "utcOffsetMilliseconds": int(offset.total_seconds()) * 1000,
            "uiDomain": "app.hubspot.com", "dataHostingLocation": "na1",
        },
    )  # fmt: skip


def usage(call: Call) -> Answer:
    """GET the calls of the day, which ends at midnight in the account's zone."""
    zone = ZoneInfo(call.session.switches.hubspot_time_zone)
    now = datetime.fromtimestamp(call.session.now_ms / 1000, UTC).astimezone(zone)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    count = call.session.db.execute(
        "SELECT COUNT(*) FROM calls WHERE at >= ?", (int(midnight.timestamp() * 1000),)
    ).fetchone()[0]
    body = {
        "name": "private-apps-api-calls-daily", "currentUsage": count,
        "usageLimit": call.session.switches.hubspot_calls_per_day, "fetchStatus": "SUCCESS",
        "collectedAt": stamp(call.session.now_ms),
        "resetsAt": stamp(int((midnight + timedelta(days=1)).timestamp() * 1000)),
    }  # fmt: skip
    return Answer(200, {"results": [body]})


def codes(_: Call) -> Answer:
    """GET the currencies that an account could enable; the emulator names the usual ones."""
    return Answer(
        200,
        {
            "results": [
                {"currencyCode": code, "currencyName": name} for code, name in sorted(_CURRENCY_NAMES.items())
            ]
        },
    )


def company_currency(call: Call) -> Answer:
    """GET the company's own currency."""
    return Answer(200, {"id": schema.currencies(call.session.db)[0], "createdAt": stamp(0)})


def _rate(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": str(row["id"]), "fromCurrencyCode": row["from_code"], "toCurrencyCode": row["to_code"],
        "conversionRate": Number(row["rate"]), "effectiveAt": stamp(row["at"]), "createdAt": stamp(row["at"]),
        "updatedAt": stamp(row["at"]), "visibleInUI": True,
    }  # fmt: skip


class Number(float):
    """A rate in an answer, which HubSpot sends as a JSON number; it is written with its own digits."""

    def __new__(cls, text: str) -> "Number":
        self = super().__new__(cls, text)
        self.text = text
        return self

    def __repr__(self) -> str:
        return self.text

    text: str


def list_rates(call: Call) -> Answer:
    """GET exchange rates, newest last; `current` shows the last one of each pair."""
    rows = call.session.db.execute("SELECT * FROM exchange_rates ORDER BY id").fetchall()
    wanted = {
        "from_code": call.query.get("fromCurrencyCode"), "to_code": call.query.get("toCurrencyCode"),
    }  # fmt: skip
    kept = [row for row in rows if all(value in {None, row[column]} for column, value in wanted.items())]
    if call.path.get("which") == "current":
        kept = list({(row["from_code"], row["to_code"]): row for row in kept}.values())
    return Answer(200, paged([_rate(row) for row in kept], None))


def create_rate(call: Call) -> Answer:
    """POST a rate to the company currency; at most six decimals; the currency becomes enabled."""
    body = call.mapping()
    code = body.get("fromCurrencyCode")
    try:
        rate = Decimal(str(body.get("conversionRate")))
    except InvalidOperation as error:
        raise bad_request("conversionRate must be a number.") from error
    exponent = rate.as_tuple().exponent
    if not rate.is_finite() or rate <= 0 or (isinstance(exponent, int) and exponent < -6):
        raise bad_request("conversionRate must be positive, with at most 6 decimals.")
    home, *additional = schema.currencies(call.session.db)
    if not isinstance(code, str) or len(code) != 3 or code == home:
        raise bad_request(f"{code} cannot have an exchange rate.", {"fromCurrencyCode": [str(code)]})
    if code not in additional:
        schema.set_currencies(call.session.db, home, [*additional, code])
    rate_id = call.session.next_id("rate", 5001)
    call.session.db.execute(
        "INSERT INTO exchange_rates VALUES (?, ?, ?, ?, ?)",
        (rate_id, code, home, str(rate), call.session.now_ms),
    )
    row = call.session.db.execute("SELECT * FROM exchange_rates WHERE id = ?", (rate_id,)).fetchone()
    return Answer(200, _rate(row))


def enablement(call: Call) -> Answer:
    """GET whether one object type is enabled in this account."""
    kind = object_type(call.path["type"])
    return Answer(200, {"enablement": kind is not ORDERS or call.session.switches.hubspot_orders_enabled})


def all_enablements(call: Call) -> Answer:
    """GET whether each object type is enabled."""
    enabled = call.session.switches.hubspot_orders_enabled
    return Answer(
        200,
        {"enablementByObjectTypeId": {kind.type_id: kind is not ORDERS or enabled for kind in OBJECT_TYPES}},
    )


def no_rules(call: Call) -> Answer:
    """GET the validation rules that admins set: none here."""
    object_type(call.path["type"])
    return Answer(200, {"results": []})


def association_limits(call: Call) -> Answer:
    """GET the records near the association limit of a pair: none here."""
    object_type(call.path["from"])
    object_type(call.path["to"])
    return Answer(200, {"results": []})


def property_limits(call: Call) -> Answer:
    """GET how many custom properties exist against the limits of the account."""
    counts = {
        kind.type_id: sum(not one.native for one in call.session.schema.properties(kind.plural).values())
        for kind in OBJECT_TYPES
    }
    by_type = [{"objectTypeId": type_id, "usage": count, "limit": 1000} for type_id, count in counts.items()]
    return Answer(
        200, {"overallUsage": sum(counts.values()), "overallLimit": 10_000, "byObjectType": by_type}
    )


def token_info(call: Call) -> Answer:
    """POST the token: its account and scopes."""
    body = call.mapping()
    if not body.get("tokenKey"):
        raise bad_request("tokenKey is required.")
    return Answer(
        200,
        {
            "userId": 70001, "hubId": call.session.switches.hubspot_portal_id, "appId": 31415926,
            "scopes": sorted(granted(call.session.switches)),
        },
    )  # fmt: skip


def read_rates(call: Call) -> Answer:
    """POST batch/read of rates by id."""
    rows = {str(row["id"]): row for row in call.session.db.execute("SELECT * FROM exchange_rates")}
    ids = [str(given.get("id")) for given in call.inputs()]
    missing = [one for one in ids if one not in rows]
    errors = [not_found("Exchange rates do not exist", {"ids": missing}).item(None)] if missing else []
    return batch_answer(call, 200, [_rate(rows[one]) for one in ids if one in rows], errors)
