"""The contract of the push: one outcome an order, and what HubSpot is wanted to hold.

Belongs here: the outcome frame, and the wanted order that push writes and reconcile compares with.
Does not belong here: how it is written (push) or read back (reconcile).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from ns_hs_orders.mapping.schema import Date, Instant
from ns_hs_orders.push.ports import ACCEPTED_OUTCOMES

OUTCOMES = (*ACCEPTED_OUTCOMES, "skipped", "quarantined", "rejected", "due", "archived")


class UpsertResults(pa.DataFrameModel):
    """One row an order that NetSuite was read for, with exactly one outcome.

    currency and total_minor are empty only where NetSuite's text is unreadable; raw_total and
    raw_currency then hold it. reason: a code; explanation: the sentence for RevOps (for `rejected`
    HubSpot's own reason in plain words). confirmed_at: when HubSpot's answer to the last write came,
    UTC. warnings: codes joined by a comma, `unknown_rep` and those of LINK_WARNINGS among them.
    """

    order_id_netsuite: Series[str]
    order_number: Series[str] = pa.Field(nullable=True)
    order_on: Series[Date] = pa.Field(nullable=True)
    customer_id: Series[str] = pa.Field(nullable=True)
    customer_name: Series[str] = pa.Field(nullable=True)
    rep_name: Series[str] = pa.Field(nullable=True)
    outcome: Series[str] = pa.Field(isin=OUTCOMES)
    reason: Series[str] = pa.Field(nullable=True)
    explanation: Series[str] = pa.Field(nullable=True)
    currency: Series[str] = pa.Field(nullable=True)
    total_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    raw_currency: Series[str] = pa.Field(nullable=True)
    raw_total: Series[str] = pa.Field(nullable=True)
    order_id_hubspot: Series[str] = pa.Field(nullable=True)
    lines: Series[pd.Int64Dtype] = pa.Field(ge=0)
    lines_archived: Series[pd.Int64Dtype] = pa.Field(ge=0)
    warnings: Series[str]
    modified_at: Series[Instant] = pa.Field(nullable=True)
    confirmed_at: Series[Instant] = pa.Field(nullable=True)
    read_ticket: Series[pd.Int64Dtype]

    class Config:
        """Nothing more and nothing less than these columns; types are never coerced."""

        strict = True
        unique = ("order_id_netsuite",)


Linked = Literal["company", "contact", "deal", "parent"]
"""Records that an order is associated with beside its lines: at most one of a kind. parent: of a return, its order."""


ContactWay = Literal["id", "email", "primary"]


class NamedContact(NamedTuple):
    """What an order holds of its contact, as NetSuite has it: "" for nothing."""

    reference: str
    order_email: str
    customer_email: str

    def of(self, way: ContactWay) -> str:
        """What counts for one of the ways to find a contact."""
        return {"id": self.reference, "email": self.order_email, "primary": self.customer_email}[way]


class LinkTarget(NamedTuple):
    """A record that an order is to be associated with, or why there is none. problem: a key of LINK_WARNINGS."""

    record_id: str | None
    problem: str | None = None


NO_LINK = LinkTarget(None)

LINK_WARNINGS: dict[str, str] = {
    "deal_url_not_understood": "What NetSuite holds as the HubSpot deal is no address and no id of a deal.",
    "deal_of_another_portal": "The HubSpot Deal URL is of another HubSpot portal.",
    "deal_not_in_hubspot": "HubSpot does not have the deal that the order names.",
    "several_deals": "The order names several deals, so none is chosen.",
    "contact_not_in_hubspot": "HubSpot has no contact with the id or the e-mail that the order names.",
    "several_contacts": "Several contacts of HubSpot match the order, so none is chosen.",
    "parent_not_in_hubspot": "HubSpot does not have the order that was returned, so the return is not associated with it.",
    "product_not_in_hubspot": "HubSpot has no product with the SKU of a line.",
    "several_products": "Several products of HubSpot have the SKU of a line, so none is chosen.",
}
"""Warning code of an order that is written without an association → sentence for RevOps."""


@dataclass(frozen=True)
class LinkRules:
    """What orders are associated with beside their customer.

    contact_by: ways to find the contact of an order whose customer is none, the first that finds one counts; `primary` is
    the customer's own e-mail. deals: whether with their deal. deal_key_property: unique property of deals by which the order names one; "" for the
    record id. portal_id: the portal that is written to. products: whether lines are of the product with their SKU.
    """

    deals: bool = False
    deal_key_property: str = ""
    portal_id: str = ""
    contact_by: tuple[ContactWay, ...] = ()
    products: bool = False


NO_MORE_LINKS = LinkRules()


@dataclass(frozen=True)
class Directory:
    """HubSpot's own ids that mapping cannot know, resolved before anything is written or compared.

    stage_ids: stage key (mapping.schema.STAGES) → HubSpot stage id. owner_ids: lower-cased e-mail →
    owner id, active owners only. company_ids, contact_ids: id that NetSuite holds → surviving id in
    HubSpot, None where it does not exist. deals: (id or key, URL) that NetSuite holds → the deal. contacts: what
    NetSuite holds of the contact → the contact. products: SKU → the product. parents: of returns, NetSuite id of an
    order → its record. parent_type_id: the type of their association, 0 where the portal has none. order_url: what
    comes before the record id in the address of an order's page in HubSpot.
    """

    pipeline_id: str
    stage_ids: Mapping[str, str]
    owner_ids: Mapping[str, str]
    company_ids: Mapping[str, str | None] = field(default_factory=dict)
    contact_ids: Mapping[str, str | None] = field(default_factory=dict)
    deals: Mapping[tuple[str, str], LinkTarget] = field(default_factory=dict)
    contacts: Mapping[NamedContact, LinkTarget] = field(default_factory=dict)
    products: Mapping[str, LinkTarget] = field(default_factory=dict)
    parents: Mapping[str, str] = field(default_factory=dict)
    parent_type_id: int = 0
    order_url: str = ""


def order_of_line(key: str | None) -> str | None:
    """Internal id of the order whose line a line key names; None for no key, and for one that is none of ours."""
    order, dash, line = (key or "").partition("-")
    return order if dash and order.isdecimal() and line.isdecimal() else None


class WantedLine(NamedTuple):
    """A line item as HubSpot should hold it; properties are the strings of the wire, key included.

    problem: the key of LINK_WARNINGS that says why it is of no product.
    """

    key: str
    properties: Mapping[str, str]
    problem: str | None = None


@dataclass(frozen=True)
class WantedOrder:
    """An order as HubSpot should hold it: every property of the field map, "" where it is empty.

    key: the NetSuite internal id. company_id, contact_id, deal_id, parent_id: surviving HubSpot ids, None for none;
    missing_target: the id in NetSuite of a company or contact that HubSpot does not have (the order
    is then rejected, unwritten). fingerprint: one digest over properties, lines and associations.
    link_warnings: keys of LINK_WARNINGS.
    """

    key: str
    properties: Mapping[str, str]
    lines: tuple[WantedLine, ...]
    company_id: str | None
    contact_id: str | None
    missing_target: str | None
    unknown_rep: bool
    fingerprint: str
    deal_id: str | None = None
    link_warnings: tuple[str, ...] = ()
    parent_id: str | None = None

    def linked(self, kind: Linked) -> str | None:
        """The record that the order is to be associated with."""
        return {
            "company": self.company_id,
            "contact": self.contact_id,
            "deal": self.deal_id,
            "parent": self.parent_id,
        }[kind]
