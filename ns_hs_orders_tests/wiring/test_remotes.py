"""Addresses of records, made of the account."""

from __future__ import annotations

from ns_hs_orders.wiring.remotes import netsuite_record_url


def test_a_records_address_in_netsuite_is_made_of_the_account_as_its_host_is_written() -> None:
    base = "https://1234567-sb1.app.netsuite.com/app/accounting/transactions"
    assert netsuite_record_url("1234567_SB1") == f"{base}/salesord.nl?id={{id}}"
    assert netsuite_record_url("1234567_SB1", "rtnauth") == f"{base}/rtnauth.nl?id={{id}}"
    assert netsuite_record_url("") == ""
