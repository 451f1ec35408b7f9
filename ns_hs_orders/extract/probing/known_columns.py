"""Columns that NetSuite may have, to name those that exist near one that it does not have.

Belongs here: names, and finding the near ones that the account shows. Does not belong here: what a missing column costs
(probe.py). Asked only when a mapping file names a column that is not there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from difflib import get_close_matches

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.extract.ports import SuiteQL
from ns_hs_orders.extract.sources import Source
from ns_hs_orders.fields.field import SourceColumn

MOST = 5
_CUSTOM: dict[str, str] = {
    "transaction": "custbody",
    "transactionline": "custcol",
    "customer": "custentity",
    "employee": "custentity",
    "partner": "custentity",
    "item": "custitem",
}
_STANDARD: dict[str, str] = {
    "transaction": "id tranid transactionnumber type status entity currency exchangerate foreigntotal otherrefnum memo "
    "message title email externalid source terms leadsource employee partner shipcarrier shipmethod shipdate "
    "actualshipdate shipcomplete fob shippingaddress billingaddress trandate createddate lastmodifieddate closedate "
    "saleseffectivedate opportunity customform createdby lastmodifiedby paymentmethod paymentoption saleschannel "
    "estgrossprofit totalcostestimate foreignamountpaid foreignamountunpaid amountunbilled voided posting",
    "transactionline": "id uniquekey item itemtype quantity rate rateamount ratepercent foreignamount netamount memo "
    "createdfrom entity subsidiary location department class isclosed price units shipmethod expectedshipdate "
    "quantitybilled quantityshiprecv quantitybackordered quantitycommitted quantitypacked quantitypicked",
    "customer": "id entityid altname companyname firstname lastname email phone url isperson externalid parent currency "
    "salesrep partner leadsource entitystatus datecreated firstorderdate lastorderdate",
    "employee": "id entityid firstname lastname email title supervisor phone",
    "partner": "id entityid companyname email phone",
    "item": "id itemid fullname displayname description itemtype externalid parent",
    "currency": "id name symbol exchangerate",
    "location": "id name fullname parent",
    "department": "id name fullname parent",
    "classification": "id name fullname parent",
    "subsidiary": "id name fullname legalname country parent currency",
    "transactionshippingaddress": "nkey addr1 addr2 addr3 city state zip country addressee attention addrphone addrtext",
    "transactionbillingaddress": "nkey addr1 addr2 addr3 city state zip country addressee attention addrphone addrtext",
}

Existing = Callable[[Source, tuple[SourceColumn, ...]], tuple[SourceColumn, ...]]


def near_columns(suiteql: SuiteQL, source: Source, column: SourceColumn, existing: Existing) -> list[str]:
    """Names of columns that the account shows near this one's, at most MOST. Raises RemoteError.

    existing: those of some columns of a source that NetSuite answers.
    """
    expression = column.expression.split("(")[-1].rstrip(")")
    alias, _, name = expression.partition(".")
    table = source.table_of(alias).lower()
    names = {*_STANDARD.get(table, "").split(), *_custom_fields(suiteql, _CUSTOM.get(table, ""))}
    close = get_close_matches(name, sorted(names), n=MOST, cutoff=0.6)
    asked = tuple(
        replace(column, name=f"near_{number}", expression=f"{alias}.{one}", kind="text")
        for number, one in enumerate(close)
    )
    return [one.expression.partition(".")[2] for one in existing(source, asked)] if asked else []


def _custom_fields(suiteql: SuiteQL, prefix: str) -> list[str]:
    """Script ids of an account's custom fields; none where NetSuite does not list them."""
    if not prefix:
        return []
    try:
        rows = suiteql.query(
            "SELECT f.scriptid AS scriptid FROM customfield f WHERE LOWER(f.scriptid) LIKE ?",
            (f"{prefix}%",),
            limit=1000,
        ).rows
    except RemoteError:
        return []
    return [text.lower() for row in rows if (text := next(iter(row.values()), None))]
