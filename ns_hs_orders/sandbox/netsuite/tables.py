"""The SuiteQL tables that the emulator has: columns, what each column holds, what is hidden, what is indexed.

Belongs here: names and kinds with evidence in documentation or running code.
Does not belong here: SQL, storage, custom columns (they are added at run time).
"""

from __future__ import annotations

from typing import Final, Literal

Kind = Literal["id", "decimal", "date", "datetime", "bool", "text"]


def _columns(**kinds: str) -> dict[str, Kind]:
    """{"id": "a b", "text": "c"} → {"a": "id", "b": "id", "c": "text"}."""
    found: dict[str, Kind] = {}
    for kind, names in kinds.items():
        found.update(dict.fromkeys(names.split(), kind))  # type: ignore[arg-type]
    return found


TABLES: Final[dict[str, dict[str, Kind]]] = {
    "transaction": _columns(
        id="id entity currency employee shipmethod shippingaddress billingaddress terms leadsource opportunity "
        "partner customform createdby lastmodifiedby paymentmethod paymentoption nextapprover saleschannel",
        text="tranid transactionnumber type recordtype abbrevtype status otherrefnum memo message title email "
        "externalid source shipcarrier fob trackingnumberlist linkedtrackingnumberlist",
        date="trandate shipdate actualshipdate closedate saleseffectivedate",
        datetime="createddate lastmodifieddate",
        decimal="exchangerate foreigntotal estgrossprofit totalcostestimate foreignamountpaid foreignamountunpaid "
        "amountunbilled taxtotal basetaxtotal totalaftertaxes shippingtaxamount handlingtaxamount",
        bool="void voided posting shipcomplete",
    ),
    "transactionline": _columns(
        id="transaction id uniquekey linesequencenumber item createdfrom entity subsidiary location department "
        "class price units shipmethod paymentmethod kitmemberof",
        text="itemtype memo transactionlinetype accountinglinetype",
        decimal="quantity rate rateamount ratepercent foreignamount netamount creditforeignamount "
        "debitforeignamount quantitybilled quantityshiprecv quantitybackordered quantitycommitted "
        "quantitypacked quantitypicked",
        date="expectedshipdate actualshipdate",
        datetime="linelastmodifieddate linecreateddate",
        bool="mainline taxline isclosed isfullyshipped iscogs isinventoryaffecting kitcomponent "
        "assemblycomponent fulfillable dropship donotdisplayline transactiondiscount",
    ),
    "customer": _columns(
        id="id parent currency salesrep partner leadsource entitystatus subsidiary",
        text="entityid altname companyname firstname lastname email phone url externalid",
        date="datecreated firstorderdate lastorderdate",
        datetime="lastmodifieddate",
        bool="isperson isinactive",
    ),
    "job": _columns(
        id="id customer parent currency subsidiary",
        text="entityid companyname altname externalid",
        datetime="lastmodifieddate",
        bool="isinactive",
    ),
    "employee": _columns(
        id="id supervisor subsidiary",
        text="entityid firstname lastname email title",
        bool="isinactive",
        datetime="lastmodifieddate",
    ),
    "partner": _columns(
        id="id subsidiary",
        text="entityid companyname email",
        bool="isinactive",
        datetime="lastmodifieddate",
    ),
    "currency": _columns(
        id="id", text="name symbol", decimal="exchangerate", bool="isbasecurrency isinactive"
    ),
    "item": _columns(
        id="id parent",
        text="itemid fullname displayname description itemtype externalid",
        bool="isinactive",
        datetime="lastmodifieddate createddate",
    ),
    "shipitem": _columns(id="id", text="itemid displayname description", bool="isinactive"),
    "location": _columns(id="id parent", text="name fullname", bool="isinactive"),
    "department": _columns(id="id parent", text="name fullname", bool="isinactive"),
    "classification": _columns(id="id parent", text="name fullname", bool="isinactive"),
    "customfield": _columns(text="scriptid name fieldtype fieldvaluetype"),
    "subsidiary": _columns(
        id="id parent currency", text="name fullname legalname country", bool="isinactive iselimination"
    ),
    "transactionshippingaddress": _columns(
        id="nkey",
        text="addr1 addr2 addr3 city state zip country addressee attention addrphone addrtext dropdownstate",
        bool="override",
        datetime="lastmodifieddate",
    ),
    "transactionbillingaddress": _columns(
        id="nkey",
        text="addr1 addr2 addr3 city state zip country addressee attention addrphone addrtext dropdownstate",
        bool="override",
        datetime="lastmodifieddate",
    ),
    "nexttransactionlink": _columns(
        id="id previousdoc nextdoc", text="linktype previoustype nexttype", datetime="lastmodifieddate"
    ),
    "nexttransactionlinelink": _columns(
        id="previousdoc previousline nextdoc nextline",
        text="linktype previoustype nexttype",
        decimal="foreignamount",
        date="previousdate nextdate",
        datetime="lastmodifieddate",
    ),
    "previoustransactionlinelink": _columns(
        id="previousdoc previousline nextdoc nextline",
        text="linktype previoustype nexttype",
        decimal="foreignamount",
        date="previousdate nextdate",
        datetime="lastmodifieddate",
    ),
    "trackingnumber": _columns(id="id", text="trackingnumber"),
    "trackingnumbermap": _columns(id="transaction trackingnumber"),
    "transactiontaxdetail": _columns(
        id="transaction line", text="linename taxtype", decimal="taxrate taxbasis taxamount"
    ),
    "transactionstatus": _columns(text="id name fullname trantype"),
    "deletedrecord": _columns(
        id="recordid recordtypeid deletedby",
        text="type name scriptid context",
        datetime="deleteddate",
        bool="iscustomlist iscustomrecord iscustomtransaction",
    ),
    "systemnote": _columns(
        id="id record recordid recordtypeid role lineid",
        text="field oldvalue newvalue name context type",
        datetime="date",
    ),
}

# Known to NetSuite, and refused by it for queries.
NOT_EXPOSED: Final[dict[str, frozenset[str]]] = {
    "transaction": frozenset({"createdfrom", "subsidiary", "location"}),
    "transactionline": frozenset({"amount", "line", "debit", "credit"}),
}

# Columns that exist only where the account has several subsidiaries.
ONEWORLD_COLUMN: Final = "subsidiary"
ONEWORLD_TABLE: Final = "subsidiary"

# Names that may be added at run time, by the table that carries them.
CUSTOM_PREFIXES: Final[dict[str, str]] = {
    "transaction": "custbody",
    "transactionline": "custcol",
    "customer": "custentity",
    "job": "custentity",
    "employee": "custentity",
    "partner": "custentity",
    "item": "custitem",
}

INDEXES: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "transaction": (
        ("id",),
        ("type", "id"),
        ("type", "lastmodifieddate", "id"),
        ("type", "trandate", "id"),
        ("entity",),
        ("tranid",),
    ),
    "transactionline": (
        ("transaction", "uniquekey"),
        ("uniquekey",),
        ("linelastmodifieddate", "transaction"),
        ("createdfrom",),
    ),
    "customer": (("id",), ("lastmodifieddate", "id")),
    "job": (("id",), ("lastmodifieddate", "id")),
    "employee": (("id",),),
    "partner": (("id",),),
    "currency": (("id",),),
    "item": (("id",),),
    "shipitem": (("id",),),
    "subsidiary": (("id",),),
    "transactionshippingaddress": (("nkey",),),
    "transactionbillingaddress": (("nkey",),),
    "nexttransactionlink": (("previousdoc", "nextdoc"), ("nextdoc",), ("lastmodifieddate",)),
    "nexttransactionlinelink": (("previousdoc", "nextdoc"), ("nextdoc",), ("lastmodifieddate",)),
    "previoustransactionlinelink": (("nextdoc", "previousdoc"), ("previousdoc",), ("lastmodifieddate",)),
    "trackingnumber": (("id",),),
    "trackingnumbermap": (("transaction", "trackingnumber"), ("trackingnumber",)),
    "transactiontaxdetail": (("transaction", "line"),),
    "transactionstatus": (("trantype", "id"),),
    "deletedrecord": (("deleteddate", "recordid"), ("recordid",)),
    "systemnote": (("id",), ("recordid",), ("date",)),
}

# What `customfield` calls the records that custom columns are of.
CUSTOM_FIELD_TYPES: Final[dict[str, str]] = {
    "custbody": "BODY",
    "custcol": "COLUMN",
    "custentity": "ENTITY",
    "custitem": "ITEM",
}

# What the status letters are called, by transaction type: (type's name, {letter: name}).
STATUSES: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "SalesOrd": (
        "Sales Order",
        {
            "A": "Pending Approval",
            "B": "Pending Fulfillment",
            "C": "Cancelled",
            "D": "Partially Fulfilled",
            "E": "Pending Billing/Partially Fulfilled",
            "F": "Pending Billing",
            "G": "Billed",
            "H": "Closed",
        },
    ),
    "RtnAuth": (
        "Return Authorization",
        {
            "A": "Pending Approval",
            "B": "Pending Receipt",
            "C": "Cancelled",
            "D": "Partially Received",
            "E": "Pending Refund/Partially Received",
            "F": "Pending Refund",
            "G": "Refunded",
            "H": "Closed",
        },
    ),
    "ItemShip": ("Item Fulfillment", {"A": "Picked", "B": "Packed", "C": "Shipped"}),
    "CustInvc": ("Invoice", {"A": "Open", "B": "Paid In Full", "V": "Voided"}),
}
