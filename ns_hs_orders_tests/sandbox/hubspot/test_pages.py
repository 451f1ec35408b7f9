"""The pages for people."""

import requests

from ns_hs_orders.sandbox.hubspot.model.object_types import ORDER_TO_ORDER
from ns_hs_orders_tests.sandbox.hubspot.conftest import Hub


def page(hub: Hub, path: str, **query: str) -> requests.Response:
    return requests.get(hub.url + path, params=query, timeout=10)


def test_the_list_shows_orders_and_searches_by_name(hub: Hub) -> None:
    first = hub.create(hs_order_name="SO100%", hs_total_price="12.34", hs_currency_code="EUR")
    hub.create(hs_order_name="SO1001")
    whole = page(hub, "/")
    assert (whole.status_code, "2 orders" in whole.text) == (200, True)
    assert f'href="/orders/{first}"' in whole.text
    assert "12.34" in whole.text
    assert "Open" in whole.text
    found = page(hub, "/", q="100%").text
    assert ("SO100%" in found, "SO1001" in found) == (True, False)


def test_one_order_shows_lines_associations_and_properties_without_running_them(hub: Hub) -> None:
    order = hub.create(hs_order_name="<script>alert(1)</script>", hs_order_note="a & b")
    line = hub.create("line_items", name="Bolt", quantity="2", price="1.5")
    company = hub.create("companies", name="Acme & Sons")
    hub.associate("orders/line_items", order, line, 513)
    hub.associate("orders/companies", order, company, 509)
    text = page(hub, f"/orders/{order}").text
    assert "<script>" not in text
    for shown in (
        "&lt;script&gt;",
        "a &amp; b",
        "Line items (1)",
        "Bolt",
        "Acme &amp; Sons",
        "Primary",
        "(Open)",
    ):
        assert shown in text
    assert "<td>3</td>" in text


def test_one_order_links_to_its_addresses_its_products_and_the_order_that_it_is_a_return_of(hub: Hub) -> None:
    tracking, bad = "https://www.ups.com/track?tracknum=1Z&loc=en", "javascript:alert(1)"
    order = hub.create(hs_order_name="SO1", hs_shipping_status_url=tracking, hs_external_order_url=bad)
    returned = hub.create(hs_order_name="RMA1")
    line = hub.create("line_items", name="Bolt", quantity="1", price="1", hs_product_id="8000001")
    hub.associate("orders/line_items", order, line, 513)
    hub.associate("orders/orders", order, returned, ORDER_TO_ORDER.type_id)
    text = page(hub, f"/orders/{order}").text
    escaped = tracking.replace("&", "&amp;")
    assert f'<a href="{escaped}" rel="noopener noreferrer">{escaped}</a>' in text
    assert f"<td>{bad}</td>" in text
    assert "<td>8000001</td>" in text
    assert f'<th>order</th><td><a href="/orders/{returned}">{returned}</a></td><td>RMA1</td>' in text


def test_an_order_that_is_not_there_is_a_404(hub: Hub) -> None:
    assert page(hub, "/orders/5").status_code == 404
    assert page(hub, "/orders/nope").status_code == 404
