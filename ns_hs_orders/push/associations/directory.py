"""HubSpot's own ids, resolved before anything is written: owners, companies, contacts, deals, products, stages.

Belongs here: the ids that orders hold, each asked for once. Does not belong here: how records are found (survivors,
deals), or what is done about a missing one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pandas as pd

from ns_hs_orders.columns import texts
from ns_hs_orders.errors import ConfigError, RemoteError
from ns_hs_orders.fields.field import UNIQUE_ORDER_KEY
from ns_hs_orders.push.associations.contacts import find_contacts
from ns_hs_orders.push.associations.deals import find_deals
from ns_hs_orders.push.associations.products import find_products
from ns_hs_orders.push.associations.survivors import records_by_key, survivors
from ns_hs_orders.push.ports import CrmObjects, Owners, ProductSearch
from ns_hs_orders.push.schema import NO_MORE_LINKS, Directory, LinkRules, LinkTarget, NamedContact

_FORBIDDEN = 403
_READ_AND_WRITE = ("read", "write")


def resolve_directory(
    orders: pd.DataFrame,
    *,
    crm: CrmObjects,
    owners: Owners,
    pipeline_id: str,
    stage_ids: Mapping[str, str],
    rules: LinkRules = NO_MORE_LINKS,
    lines: pd.DataFrame | None = None,
    search: ProductSearch | None = None,
) -> Directory:
    """The directory for the orders of a run (frame Orders), each id asked for once.

    lines (frame OrderLines) and search: needed where the rules ask for products.

    Raises RemoteError where HubSpot could not be asked: nothing is called missing that was not read; ConfigError where
    the token may not read what the rules ask for.
    """
    return Directory(
        pipeline_id=pipeline_id,
        stage_ids=dict(stage_ids),
        owner_ids={email.lower(): owner_id for email, owner_id in owners.active().items()},
        company_ids=survivors(crm, "companies", _distinct(orders["company_id_hubspot"])),
        contact_ids=survivors(crm, "contacts", _distinct(orders["contact_id_hubspot"])),
        deals=_deals(orders, crm, rules),
        contacts=_contacts(orders, crm, rules),
        products=_products(lines, crm, search) if rules.products and lines is not None and search else {},
    )


def deals_named(orders: pd.DataFrame) -> Iterable[tuple[str, str]]:
    """(id or key, URL) of the deal that each order of a frame Orders names."""
    return zip(texts(orders["deal_reference"]), texts(orders["deal_url"]), strict=True)


def contacts_named(orders: pd.DataFrame) -> Iterable[NamedContact]:
    """What each order of a frame Orders holds of its contact."""
    columns = (texts(orders[name]) for name in ("contact_reference", "order_email", "customer_email"))
    return map(NamedContact, *columns)


def parents_named(orders: pd.DataFrame) -> Iterable[str]:
    """NetSuite id of the order that each one is a return of, "" for none; orders are no returns."""
    return texts(orders["parent_order_id"]) if "parent_order_id" in orders.columns else [""] * len(orders)


def resolve_return_directory(
    returns: pd.DataFrame,
    *,
    crm: CrmObjects,
    owners: Owners,
    pipeline_id: str,
    stage_ids: Mapping[str, str],
    parent_type_id: Callable[[], int],
    order_url: str,
) -> Directory:
    """The directory for the returns of a run, in the columns of orders (push.returns). Raises as `resolve_directory`.

    parent_type_id: asked where a return's order is in HubSpot: the type of their association, 0 for none. order_url:
    what comes before the record id in the address of an order's page.
    """
    asked = [one for one in dict.fromkeys(parents_named(returns)) if one]
    found = records_by_key(crm, "orders", asked, UNIQUE_ORDER_KEY, [UNIQUE_ORDER_KEY]) if asked else []
    parents = {key: one.id for one in found if (key := one.properties.get(UNIQUE_ORDER_KEY))}
    return Directory(
        pipeline_id=pipeline_id,
        stage_ids=dict(stage_ids),
        owner_ids={email.lower(): owner_id for email, owner_id in owners.active().items()},
        company_ids=survivors(crm, "companies", _distinct(returns["company_id_hubspot"])),
        contact_ids=survivors(crm, "contacts", _distinct(returns["contact_id_hubspot"])),
        parents=parents,
        parent_type_id=parent_type_id() if parents else 0,
        order_url=order_url,
    )


def _deals(orders: pd.DataFrame, crm: CrmObjects, rules: LinkRules) -> dict[tuple[str, str], LinkTarget]:
    if not rules.deals:
        return {}
    with _permitted("deals", _READ_AND_WRITE, "NS_HS_DEAL_ASSOCIATION=off"):
        return find_deals(deals_named(orders), crm=crm, rules=rules)


def _contacts(orders: pd.DataFrame, crm: CrmObjects, rules: LinkRules) -> dict[NamedContact, LinkTarget]:
    if not rules.contact_by:
        return {}
    with _permitted("contacts", _READ_AND_WRITE, "NS_HS_CONTACT_BY=off"):
        return find_contacts(contacts_named(orders), crm=crm, ways=rules.contact_by)


def _products(lines: pd.DataFrame, crm: CrmObjects, search: ProductSearch) -> dict[str, LinkTarget]:
    skus = lines.loc[lines["line_class"] == "goods", "sku"]
    with _permitted("products", ("read",), "NS_HS_PRODUCT_ASSOCIATION=off"):
        return find_products(_distinct(skus), crm=crm, search=search)


@contextmanager
def _permitted(object_type: str, rights: tuple[str, ...], switch: str) -> Iterator[None]:
    """Says what a token lacks that may not read what orders name. switch: how to do without."""
    try:
        yield
    except RemoteError as error:
        if error.status != _FORBIDDEN:
            raise
        scopes = " and ".join(f"crm.objects.{object_type}.{right}" for right in rights)
        raise ConfigError(
            f"The HubSpot token may not read {object_type}. Give it {scopes}, or set {switch}. HubSpot said: {error}"
        ) from error


def _distinct(column: pd.Series[Any]) -> list[str]:
    return [str(one) for one in column.dropna().unique().tolist()]
