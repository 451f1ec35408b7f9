"""The contract of the push: one outcome an order, and what HubSpot is wanted to hold.

Belongs here: the outcome frame, and the wanted order that push writes and reconcile compares with.
Does not belong here: how it is written (push) or read back (reconcile).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

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
    UTC. warnings: codes joined by a comma, `unknown_rep` among them.
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


@dataclass(frozen=True)
class Directory:
    """HubSpot's own ids that mapping cannot know, resolved before anything is written or compared.

    stage_ids: stage key (mapping.schema.STAGES) → HubSpot stage id. owner_ids: lower-cased e-mail →
    owner id, active owners only. company_ids, contact_ids: id that NetSuite holds → surviving id in
    HubSpot, None where it does not exist.
    """

    pipeline_id: str
    stage_ids: Mapping[str, str]
    owner_ids: Mapping[str, str]
    company_ids: Mapping[str, str | None] = field(default_factory=dict)
    contact_ids: Mapping[str, str | None] = field(default_factory=dict)


class WantedLine(NamedTuple):
    """A line item as HubSpot should hold it; properties are the strings of the wire, key included."""

    key: str
    properties: Mapping[str, str]


@dataclass(frozen=True)
class WantedOrder:
    """An order as HubSpot should hold it: every property of the field map, "" where it is empty.

    key: the NetSuite internal id. company_id, contact_id: surviving HubSpot ids, None for none;
    missing_target: the id in NetSuite of a company or contact that HubSpot does not have (the order
    is then rejected, unwritten). fingerprint: one digest over properties, lines and associations.
    """

    key: str
    properties: Mapping[str, str]
    lines: tuple[WantedLine, ...]
    company_id: str | None
    contact_id: str | None
    missing_target: str | None
    unknown_rep: bool
    fingerprint: str
