"""The rules that one account is mapped by: every choice that its settings make, and nothing computed.

Belongs here: the choices, their defaults and their checks. Does not belong here: what a choice does to an
order (lines.py, eligibility.py, judgement.py), or where it is read from (settings).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import get_args

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.fields.field import Field
from ns_hs_orders.mapping.returns.schema import RETURN_STAGES
from ns_hs_orders.mapping.schema import (
    LINE_CLASSES,
    STAGES,
    ClosedLines,
    PersonCustomers,
    TaxRegime,
    UnbalancedOrders,
)
from ns_hs_orders.mapping.tracking import NUMBER, is_address

BY_BILLING = "by_billing"
"""Stage of a letter that says nothing of billing: billed when anything was billed, else cancelled."""

DEFAULT_STAGES: Mapping[str, str] = {
    "A": "pending_approval",
    "B": "pending_fulfillment",
    "C": "cancelled",
    "D": "pending_fulfillment",
    "E": "pending_fulfillment",
    "F": "fulfilled",
    "G": "billed",
    "H": BY_BILLING,
}
"""Status letter of a NetSuite sales order → stage. E still owes goods."""

DEFAULT_RETURN_STAGES: Mapping[str, str] = {
    "A": "pending_approval",
    "B": "pending_receipt",
    "C": "cancelled",
    "D": "partially_received",
    "E": "partially_received",
    "F": "pending_refund",
    "G": "refunded",
    "H": "closed",
}
"""Status letter of a return authorization → stage. E still waits for goods."""

BY_SIGN = "by_sign"
"""Class of an item type that is sold and redeemed: payment where it lowers the order, else goods."""

DEFAULT_ITEM_CLASSES: Mapping[str, str] = {
    "discount": "discount",
    "shipitem": "shipping",
    "handling": "handling",
    "handlingitem": "handling",
    "taxitem": "tax",
    "taxgroup": "tax",
    "payment": "payment",
    "giftcert": BY_SIGN,
    "giftcertitem": BY_SIGN,
    "subtotal": "ignored",
    "group": "ignored",
    "endgroup": "ignored",
    "description": "ignored",
}
"""NetSuite's item type, lower case → class. A type that is not here is goods: too much shows, too little hides."""


@dataclass(frozen=True)
class MappingRules:
    """How one account's orders and returns are mapped and which are eligible.

    stage_map: letters that differ from DEFAULT_STAGES → a stage of STAGES, or BY_BILLING. return_stage_map: letters that
    differ from DEFAULT_RETURN_STAGES → a stage of RETURN_STAGES. item_classes:
    item types that differ from DEFAULT_ITEM_CLASSES → a line class, or BY_SIGN. subsidiaries: internal
    ids, empty for all. criterion_value: None for no criterion, "" for an empty field. record_url: address of an order with
    `{id}` in it, "" for none; return_record_url: the same of a return. tracking_pages: name of a carrier, or a word of the
    shipping method → its https address with `{number}` in it. added_to_orders, added_to_lines, added_to_returns,
    added_to_return_lines: fields of the mapping file.

    Raises ConfigError that names the wrong choice and the possible ones.
    """

    tax_regime: TaxRegime = "legacy"
    closed_lines: ClosedLines = "counted"
    unbalanced_orders: UnbalancedOrders = "quarantine"
    stage_map: Mapping[str, str] = field(default_factory=dict)
    item_classes: Mapping[str, str] = field(default_factory=dict)
    person_customers: PersonCustomers = "company"
    inherit_parent_hubspot_id: bool = False
    first_day: date | None = None
    subsidiaries: frozenset[str] = frozenset()
    criterion_value: str | None = None
    record_url: str = ""
    return_stage_map: Mapping[str, str] = field(default_factory=dict)
    return_record_url: str = ""
    tracking_pages: Mapping[str, str] = field(default_factory=dict)
    added_to_orders: tuple[Field, ...] = ()
    added_to_lines: tuple[Field, ...] = ()
    added_to_returns: tuple[Field, ...] = ()
    added_to_return_lines: tuple[Field, ...] = ()

    def __post_init__(self) -> None:
        _one_of("tax_regime", self.tax_regime, get_args(TaxRegime))
        _one_of("closed_lines", self.closed_lines, get_args(ClosedLines))
        _one_of("unbalanced_orders", self.unbalanced_orders, get_args(UnbalancedOrders))
        _one_of("person_customers", self.person_customers, get_args(PersonCustomers))
        _check_stages("NS_HS_STAGE_MAP", self.stage_map, (*STAGES, BY_BILLING), '{"G": "billed"}')
        _check_stages("NS_HS_RETURN_STAGE_MAP", self.return_stage_map, RETURN_STAGES, '{"G": "refunded"}')
        for item_type, line_class in self.item_classes.items():
            _one_of(f"item_classes: class of {item_type}", line_class, (*LINE_CLASSES, BY_SIGN))
        for carrier, address in self.tracking_pages.items():
            if not carrier.strip():
                raise ConfigError(
                    f"NS_HS_TRACKING_PAGES: the address {address!r} has no carrier; name it, or a word of its shipping method."
                )
            if NUMBER not in address or not is_address(address.replace(NUMBER, "1")):
                raise ConfigError(
                    f"NS_HS_TRACKING_PAGES: {address!r} of {carrier!r} is no https address with {NUMBER} where a number "
                    f'belongs. A good value: {{"OnTrac": "https://www.ontrac.com/tracking/?number={NUMBER}"}}.'
                )
        for name in ("record_url", "return_record_url"):
            if (url := getattr(self, name)) and "{id}" not in url:
                raise ConfigError(f"{name}: {url!r} has no {{id}} where the record's id belongs.")

    @cached_property
    def stages(self) -> Mapping[str, str]:
        """Status letter → stage or BY_BILLING, defaults included."""
        return {**DEFAULT_STAGES, **self.stage_map}

    @cached_property
    def return_stages(self) -> Mapping[str, str]:
        """Status letter of a return → stage, defaults included."""
        return {**DEFAULT_RETURN_STAGES, **self.return_stage_map}

    @cached_property
    def class_of_item_type(self) -> Mapping[str, str]:
        """Item type in lower case → class or BY_SIGN, defaults included."""
        return {**DEFAULT_ITEM_CLASSES, **{k.lower(): v for k, v in self.item_classes.items()}}

    @property
    def added_columns(self) -> tuple[list[str], list[str]]:
        """Raw columns of the mapping file's fields, of orders and of lines."""
        return _columns(self.added_to_orders), _columns(self.added_to_lines)

    @property
    def added_columns_of_returns(self) -> tuple[list[str], list[str]]:
        """Raw columns of the mapping file's fields, of returns and of their lines."""
        return _columns(self.added_to_returns), _columns(self.added_to_return_lines)

    def order_url(self, order_id: str) -> str | None:
        """Address of an order's record in NetSuite, None where no account is known."""
        return self.record_url.replace("{id}", order_id) if self.record_url else None

    def return_url(self, return_id: str) -> str | None:
        """Address of a return's record in NetSuite, None where no account is known."""
        return self.return_record_url.replace("{id}", return_id) if self.return_record_url else None


def _columns(fields: tuple[Field, ...]) -> list[str]:
    return [one.reading.column for one in fields if one.reading]


def _check_stages(setting: str, of_letters: Mapping[str, str], stages: tuple[str, ...], good: str) -> None:
    for letter, stage in of_letters.items():
        if not (len(letter) == 1 and letter.isascii() and letter.isupper()):
            raise ConfigError(
                f"{setting}: {letter!r} is not a status letter, such as B. A good value: {good}."
            )
        if stage not in stages:
            raise ConfigError(
                f"{setting}: stage of {letter}: {stage!r} is not one of {', '.join(stages)}. A good value: {good}."
            )


def _one_of(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ConfigError(f"{name}: {value!r} is not one of {', '.join(choices)}.")
