"""What a field is: a column of NetSuite, a property of HubSpot, and how the one becomes the other.

Belongs here: the types that the tables of fields are made of, and the keys of records. Does not belong here: the fields
themselves (orders, returns, trust).
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as part
from typing import Literal

Kind = Literal[
    "text",
    "long_text",
    "money",
    "decimal",
    "date",
    "datetime",
    "boolean",
    "enumeration",
    "url",
    "owner",
    "product",
    "order_link",
]


HealPolicy = Literal["heal", "keep", "report"]
"""What becomes of a person's edit in HubSpot. heal: the next sync writes NetSuite's value again. keep: it stays, and
counts as agreeing. report: it stays, and is listed."""


UNIQUE_ORDER_KEY = "netsuite_internal_id"


UNIQUE_LINE_KEY = "netsuite_line_key"


PROPERTY_GROUP = "netsuite"


PROPERTY_GROUP_LABEL = "NetSuite"


ADDED_PREFIX = "custom_"
"""Of the columns of the mapping file's fields, so that none is ever a column of the sync, or a word of SuiteQL."""


@dataclass(frozen=True)
class SourceColumn:
    """One column of a raw frame and the SuiteQL expression that fills it.

    expression: on `t` (transaction), `tl` (transactionline), `cur`, `i` or a join of the mapping file, with no alias;
    `{name}` stands for an account's custom field, filled by `account_columns`. kind: `text`, `date` (rendered
    YYYY-MM-DD) or `datetime` (rendered in UTC, ISO 8601). required: extraction stops without it;
    otherwise it is dropped with a warning that names the fields it costs. masked: card numbers are
    masked as the answer is parsed. origin: where in the mapping file it is named, for messages.
    """

    name: str
    expression: str
    kind: Literal["text", "date", "datetime"] = "text"
    required: bool = False
    masked: bool = False
    setting: str | None = None
    origin: str = part(default="", compare=False)


@dataclass(frozen=True)
class Reading:
    """How a field of the mapping file takes its value from the text of a raw column.

    column: of the raw frame. steps: names of transforms, in their order. table: value of NetSuite → value of HubSpot,
    where there is a lookup; `*` stands for every other value. hold: whether an order whose text cannot be read is
    held back; else the field is left empty.
    """

    column: str
    steps: tuple[str, ...] = ()
    table: tuple[tuple[str, str], ...] = ()
    hold: bool = True


@dataclass(frozen=True)
class Field:
    """One column of a mapped frame and the HubSpot property that it is written to.

    name: column in `orders` or `order_lines` (money ends in `_minor`, dates in `_on`, times in `_at`).
    own: the property is ours, created by setup; otherwise it is HubSpot's. unique: created with
    hasUniqueValue. source: where the value comes from, in words, for the docs. when_edited: of an order's field.
    options: internal values of an enumeration of ours. group: the property group that setup makes it in, where the
    mapping file names one. key: its name
    in the mapping file, where that is not its column's. reading: of a field that the mapping file adds. origin: where
    in the mapping file it is added or given another property, for messages.
    """

    name: str
    label: str
    kind: Kind
    hubspot_property: str
    source: str
    own: bool = False
    unique: bool = False
    description: str = ""
    when_edited: HealPolicy = "heal"
    options: tuple[str, ...] = ()
    group: str = ""
    key: str = ""
    reading: Reading | None = None
    origin: str = part(default="", compare=False)

    @property
    def mapping_name(self) -> str:
        """What the field is called in the mapping file."""
        return self.key or self.name
