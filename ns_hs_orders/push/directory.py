"""HubSpot's own ids, resolved before anything is written: owners, companies, contacts, deals, stages.

Belongs here: the ids that orders hold, each asked for once. Does not belong here: how records are found (survivors,
deals), or what is done about a missing one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ns_hs_orders.columns import texts
from ns_hs_orders.push.deals import find_deals
from ns_hs_orders.push.ports import CrmObjects, Owners
from ns_hs_orders.push.schema import NO_MORE_LINKS, Directory, LinkRules
from ns_hs_orders.push.survivors import survivors


def resolve_directory(
    orders: pd.DataFrame,
    *,
    crm: CrmObjects,
    owners: Owners,
    pipeline_id: str,
    stage_ids: Mapping[str, str],
    rules: LinkRules = NO_MORE_LINKS,
) -> Directory:
    """The directory for the orders of a run (frame Orders), each id asked for once.

    Raises RemoteError where HubSpot could not be asked: nothing is called missing that was not read; ConfigError where
    the token may not read what the rules ask for.
    """
    named = (
        zip(texts(orders["deal_reference"]), texts(orders["deal_url"]), strict=True) if rules.deals else ()
    )
    return Directory(
        pipeline_id=pipeline_id,
        stage_ids=dict(stage_ids),
        owner_ids={email.lower(): owner_id for email, owner_id in owners.active().items()},
        company_ids=survivors(crm, "companies", _distinct(orders["company_id_hubspot"])),
        contact_ids=survivors(crm, "contacts", _distinct(orders["contact_id_hubspot"])),
        deals=find_deals(named, crm=crm, rules=rules),
    )


def _distinct(column: pd.Series[Any]) -> list[str]:
    return [str(one) for one in column.dropna().unique().tolist()]
