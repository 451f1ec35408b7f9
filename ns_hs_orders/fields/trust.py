"""Properties by which an order in HubSpot tells whether its dollars are verified.

Belongs here: their names and values. Does not belong here: when they are written (trust).
"""

from __future__ import annotations

from ns_hs_orders.fields.field import Field

TRUST_GROUP = "netsuite_dollars_verified"


TRUST_GROUP_LABEL = "Dollars verified"


VERIFICATION = "netsuite_verification"


VERIFIED_AT = "netsuite_verified_at"


VERIFIED_DIFFERENCE = "netsuite_verified_difference"


VERIFICATION_REASON = "netsuite_verification_reason"


VERIFICATIONS = ("agrees", "differs", "held")


TRUST_FIELDS: tuple[Field, ...] = (
    Field(
        "verification",
        "Dollars verified",
        "enumeration",
        VERIFICATION,
        "the last reconciliation: agrees, differs, or held where NetSuite's version is not in HubSpot yet",
        own=True,
        description="Whether the dollars of this order are NetSuite's. Agrees: to the cent. Differs: do not rely on "
        "them. Held: NetSuite has another version, which is not in HubSpot yet. Written by the sync.",
        options=VERIFICATIONS,
    ),
    Field(
        "verified_at",
        "Dollars verified at",
        "datetime",
        VERIFIED_AT,
        "when a reconciliation first found it so",
        own=True,
        description="When both systems were compared and first found as told here. Written by the sync.",
    ),
    Field(
        "verified_difference",
        "Dollars: HubSpot minus NetSuite",
        "decimal",
        VERIFIED_DIFFERENCE,
        "HubSpot's total less NetSuite's, in the order's currency; zero where they are equal",
        own=True,
        description="By how much HubSpot's total is above NetSuite's, in the order's currency. Written by the sync.",
    ),
    Field(
        "verification_reason",
        "Dollars: why, and what to do",
        "long_text",
        VERIFICATION_REASON,
        "the cause of a difference and the next step, in words; empty where the order agrees",
        own=True,
        description="Why the order differs or is held, and what to do about it. Written by the sync.",
    ),
)
"""Properties of an order that tell whether its dollars can be trusted: not compared, and not sent by the push."""
