"""Associations: type ids, the primary company, batches and single ones, and each version's status codes."""

from typing import Any

import pytest

from ns_hs_orders_tests.sandbox.hubspot.conftest import Hub

PAIRS = [
    ("orders", "contacts", 507, 508),
    ("orders", "companies", 934, 935),
    ("orders", "deals", 512, 511),
    ("orders", "line_items", 513, 514),
    ("deals", "line_items", 19, 20),
    ("contacts", "companies", 279, 280),
    ("deals", "companies", 341, 342),
    ("deals", "contacts", 3, 4),
]


def spec(*type_ids: int) -> list[dict[str, Any]]:
    return [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": one} for one in type_ids]


@pytest.mark.parametrize("start, end, type_id, inverse", PAIRS)
def test_an_association_is_seen_from_both_ends(
    hub: Hub, start: str, end: str, type_id: int, inverse: int
) -> None:
    first, second = hub.create(start), hub.create(end)
    hub.associate(f"{start}/{end}", first, second, type_id)
    assert hub.types(first, end) == {second: {type_id}}
    assert hub.types(second, start) == {first: {inverse}}


def test_the_primary_company_brings_the_unlabelled_association_along(hub: Hub) -> None:
    order, company = hub.create(), hub.create("companies")
    made = hub.associate("0-123/0-2", order, company, 509)
    assert made["results"] == [
        {
            "fromObjectTypeId": "0-123", "fromObjectId": order, "toObjectTypeId": "0-2", "toObjectId": company,
            "labels": ["Primary"],
        }
    ]  # fmt: skip
    assert hub.types(order, "companies") == {company: {509, 934}}
    assert hub.types(company, "orders") == {order: {510, 935}}


@pytest.mark.parametrize("pair, type_id", [("orders/companies", 509), ("companies/orders", 510)])
def test_a_new_primary_company_takes_the_place_and_the_former_stays_unlabelled(
    hub: Hub, pair: str, type_id: int
) -> None:
    order, former, new = hub.create(), hub.create("companies"), hub.create("companies")
    hub.associate("orders/companies", order, former, 509)
    ends = (order, new) if type_id == 509 else (new, order)
    hub.associate(pair, *ends, type_id)
    assert hub.types(order, "companies") == {former: {934}, new: {509, 934}}
    assert hub.types(former, "orders") == {order: {935}}


def test_one_company_can_be_primary_of_many_orders(hub: Hub) -> None:
    first, second, company = hub.create(), hub.create(), hub.create("companies")
    for order in (first, second):
        hub.associate("orders/companies", order, company, 509)
    assert hub.types(company, "orders") == {first: {510, 935}, second: {510, 935}}


def test_making_an_association_again_changes_nothing(hub: Hub) -> None:
    order, company = hub.create(), hub.create("companies")
    hub.associate("orders/companies", order, company, 509)
    before = hub.store.associations()
    hub.associate("orders/companies", order, company, 934)
    hub.associate("orders/companies", order, company, 509)
    assert hub.store.associations() == before


def test_labels_replace_the_pairs_other_labels(hub: Hub) -> None:
    body = {"label": "Bill to", "name": "bill_to", "inverseLabel": "Billed by"}
    made = hub.ok("POST", "/crm/associations/2026-03/orders/companies/labels", body)["results"]
    assert [one["label"] for one in made] == ["Bill to", "Billed by"]
    own = made[0]["typeId"]
    order, company = hub.create(), hub.create("companies")
    hub.associate("orders/companies", order, company, 509)
    hub.associate("orders/companies", order, company, own)
    assert hub.types(order, "companies") == {company: {934, own}}
    hub.associate("orders/companies", order, company, own, 509)
    assert hub.types(order, "companies") == {company: {934, own, 509}}
    assert hub.call("DELETE", f"/crm/associations/2026-03/orders/companies/labels/{own}").status_code == 204
    assert hub.types(order, "companies") == {company: {934, 509}}


@pytest.mark.parametrize(
    "prefix, created, archived",
    [
        ("/crm/v4/associations", 201, 204),
        ("/crm/associations/2026-03", 201, 200),
        ("/crm/associations/2026-09", 200, 200),
    ],
)
def test_each_version_has_its_status_codes(hub: Hub, prefix: str, created: int, archived: int) -> None:
    order, company = hub.create(), hub.create("companies")
    one = {"from": {"id": order}, "to": {"id": company}, "types": spec(509)}
    base = f"{prefix}/orders/companies/batch"
    assert hub.call("POST", f"{base}/create", {"inputs": [one]}).status_code == created
    read = hub.call("POST", f"{base}/read", {"inputs": [{"id": order}]})
    assert read.status_code == 200
    assert hub.call("POST", f"{base}/labels/archive", {"inputs": [one]}).status_code == archived
    assert hub.types(order, "companies") == {company: {934}}
    gone = hub.call("POST", f"{base}/archive", {"inputs": [{"from": {"id": order}, "to": [{"id": company}]}]})
    assert gone.status_code == archived
    assert (gone.content == b"") == (archived == 204)
    assert hub.types(order, "companies") == {}


def test_taking_the_unlabelled_type_away_takes_all_labels(hub: Hub) -> None:
    order, company = hub.create(), hub.create("companies")
    hub.associate("orders/companies", order, company, 509)
    inputs = [{"from": {"id": order}, "to": {"id": company}, "types": spec(934)}]
    hub.ok("POST", "/crm/associations/2026-03/orders/companies/batch/labels/archive", {"inputs": inputs})
    assert hub.store.associations() == []


def test_a_batch_read_shows_types_and_names_records_without_any(hub: Hub) -> None:
    order, lonely, company = hub.create(), hub.create(), hub.create("companies")
    hub.associate("orders/companies", order, company, 509)
    answer = hub.call(
        "POST",
        "/crm/associations/2026-03/orders/companies/batch/read",
        {"inputs": [{"id": order}, {"id": lonely}]},
    )
    body = answer.json()
    assert answer.status_code == 207
    ((result,), (error,)) = body["results"], body["errors"]
    assert (result["from"], [one["toObjectId"] for one in result["to"]]) == ({"id": order}, [company])
    assert {
        (one["category"], one["typeId"], one["label"]) for one in result["to"][0]["associationTypes"]
    } == {
        ("HUBSPOT_DEFINED", 509, "Primary"),
        ("HUBSPOT_DEFINED", 934, None),
    }
    assert error["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"
    assert error["context"]["fromObjectId"] == [lonely]


def test_a_missing_record_fails_alone_in_a_batch(hub: Hub) -> None:
    order, company = hub.create(), hub.create("companies")
    inputs = [{"from": {"id": order}, "to": {"id": one}, "types": spec(509)} for one in ("77", company)]
    answer = hub.call("POST", "/crm/associations/2026-03/orders/companies/batch/create", {"inputs": inputs})
    assert answer.status_code == 207
    (error,) = answer.json()["errors"]
    assert error["context"]["INVALID_OBJECT_IDS"] == ["COMPANY=77 is not valid"]
    assert (error["context"]["fromObjectId"], error["context"]["toObjectId"]) == ([order], ["77"])
    assert hub.types(order, "companies") == {company: {509, 934}}


@pytest.mark.parametrize("type_id", [507, 510, 9999])
def test_a_type_id_of_another_pair_or_direction_is_refused(hub: Hub, type_id: int) -> None:
    order, company = hub.create(), hub.create("companies")
    inputs = [{"from": {"id": order}, "to": {"id": company}, "types": spec(type_id)}]
    answer = hub.call("POST", "/crm/associations/2026-03/orders/companies/batch/create", {"inputs": inputs})
    assert answer.json()["errors"][0]["context"]["associationTypeId"] == [str(type_id)]
    assert hub.store.associations() == []


@pytest.mark.parametrize(
    "types, code",
    [
        (None, 400),
        ([{"associationTypeId": 934}], 400),
        ([{"associationCategory": "HUBSPOT_DEFINED"}], 400),
        ([{"associationCategory": "NO_SUCH", "associationTypeId": 934}], 400),
        ([{"associationCategory": "USER_DEFINED", "associationTypeId": 934}], 207),
    ],
    ids=str,
)
def test_a_type_needs_its_id_and_its_own_category(hub: Hub, types: Any, code: int) -> None:
    order, company = hub.create(), hub.create("companies")
    given = {"from": {"id": order}, "to": {"id": company}, **({"types": types} if types else {})}
    answer = hub.call("POST", "/crm/associations/2026-03/orders/companies/batch/create", {"inputs": [given]})
    assert (answer.status_code, hub.store.associations()) == (code, [])


@pytest.mark.parametrize("operation, limit", [("create", 2000), ("read", 1000)])
def test_association_batches_have_their_own_limits(hub: Hub, operation: str, limit: int) -> None:
    one = {"id": "1", "from": {"id": "1"}, "to": {"id": "2"}, "types": spec(513)}
    path = f"/crm/associations/2026-03/orders/line_items/batch/{operation}"
    assert hub.call("POST", path, {"inputs": [one] * limit}).status_code == 207
    assert hub.call("POST", path, {"inputs": [one] * (limit + 1)}).status_code == 400


def test_a_batch_archive_takes_100_distinct_records(hub: Hub) -> None:
    inputs = [{"from": {"id": str(one)}, "to": [{"id": "1"}, {"id": "2"}]} for one in range(1, 102)]
    path = "/crm/associations/2026-03/orders/line_items/batch/archive"
    assert hub.call("POST", path, {"inputs": inputs[:100]}).status_code == 200
    assert hub.call("POST", path, {"inputs": inputs}).status_code == 400


@pytest.mark.parametrize("prefix", ["/crm/v4/objects", "/crm/objects/2026-03", "/crm/objects/2026-09"])
def test_single_associations_are_put_listed_and_deleted(hub: Hub, prefix: str) -> None:
    order, company = hub.create(), hub.create("companies")
    path = f"{prefix}/orders/{order}/associations/companies"
    made = hub.call("PUT", f"{path}/{company}", spec(509))
    assert (made.status_code, made.json()["labels"]) == (201, ["Primary"])
    listed = hub.ok("GET", path)["results"]
    assert [(one["toObjectId"], {kind["typeId"] for kind in one["associationTypes"]}) for one in listed] == [
        (company, {509, 934})
    ]
    for _ in range(2):
        assert hub.call("DELETE", f"{path}/{company}").status_code == 204
    assert hub.ok("GET", path)["results"] == []
    assert hub.call("PUT", f"{path}/404", spec(509)).status_code == 400
    assert hub.call("PUT", f"{path}/{company}").status_code == 400


def test_a_default_association_is_the_unlabelled_one(hub: Hub) -> None:
    order, company, other = hub.create(), hub.create("companies"), hub.create("companies")
    answer = hub.call("PUT", f"/crm/v4/objects/orders/{order}/associations/default/companies/{company}")
    assert answer.status_code == 200
    assert [one["associationSpec"]["associationTypeId"] for one in answer.json()["results"]] == [934, 935]
    inputs = [{"from": {"id": order}, "to": {"id": other}}]
    path = "/crm/associations/2026-03/orders/companies/batch/associate/default"
    assert hub.call("POST", path, {"inputs": inputs}).status_code == 200
    assert hub.types(order, "companies") == {company: {934}, other: {934}}


@pytest.mark.parametrize("prefix", ["/crm/v4/associations", "/crm/associations/2026-03"])
def test_the_labels_of_a_pair_are_listed(hub: Hub, prefix: str) -> None:
    found = hub.ok("GET", f"{prefix}/orders/companies/labels")["results"]
    assert found == [
        {"category": "HUBSPOT_DEFINED", "typeId": 934, "label": None},
        {"category": "HUBSPOT_DEFINED", "typeId": 509, "label": "Primary"},
    ]


def test_archiving_a_record_takes_its_associations_away(hub: Hub) -> None:
    order, line = hub.create(), hub.create("line_items")
    hub.associate("orders/line_items", order, line, 513)
    hub.call("DELETE", f"/crm/objects/2026-03/line_items/{line}")
    assert hub.store.associations() == []
