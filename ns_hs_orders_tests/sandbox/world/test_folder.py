"""Worlds in folders: round trips, and every way in which a folder can be wrong."""

import time
from pathlib import Path

import pytest

from ns_hs_orders.sandbox.world import LoadError, read_folder, write_folder

SAMPLE = {
    "netsuite/transaction": """\
id,tranid,type,status,trandate,createddate,lastmodifieddate,entity,currency,exchangerate,foreigntotal,memo,employee,voided,custbody_source_store
7001,SO7001,SalesOrd,G,2024-05-31,2024-05-31 00:00:00,2024-06-07 00:00:00,31,1,1,104.1450,"Two
lines, one comma",9,F,Corner Shop
97001,IF7001,ItemShip,C,2024-06-07,2024-06-07 00:00:00,2024-06-07 00:00:00,31,1,1,,,9,F,
""",
    "netsuite/transactionline": """\
uniquekey,transaction,id,linesequencenumber,mainline,taxline,item,itemtype,quantity,rate,foreignamount,memo,createdfrom,isclosed,kitcomponent,linelastmodifieddate
1,7001,0,0,T,F,,,,,104.1450,,,F,F,2024-06-07 00:00:00
2,7001,1,1,F,F,5,InvtPart,-3,34.71500001,-104.1450,"Saddle, black",,F,F,2024-06-07 00:00:00
""",
    "netsuite/customer": "id,entityid,companyname,email,isperson,isinactive,custentity_celigo_hubspot_id,lastmodifieddate\n31,C31,Corner Shop,shop@example.com,F,F,900031,2024-01-01 10:00:00\n",
    "netsuite/currency": "id,name,symbol,exchangerate,isbasecurrency\n1,US Dollar,USD,1,T\n2,Pound,GBP,1.27,F\n",
    "netsuite/trackingnumber": "id,trackingnumber\n",
    "netsuite/nexttransactionlink": "previousdoc,nextdoc,linktype\n7001,97001,ShipRcpt\n",
    "hubspot/companies": "id,name,domain\n900031,Corner Shop,\n",
    "hubspot/contacts": "id,email,firstname,lastname,company_id\n800031,shop@example.com,José,Ñu,900031\n",
    "hubspot/products": "id,name,hs_sku,price\n700031,Saddle,SDL-1,34.71\n700032,Gift card,,\n",
    "hubspot/owners": "id,email,firstName,lastName\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small folder in the shape that exports have: no ids on links, headers-only files, empty cells."""
    for name, text in SAMPLE.items():
        path = tmp_path / f"{name}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def rewrite(folder: Path, name: str, old: str, new: str) -> Path:
    path = folder / f"{name}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def refusal(folder: Path) -> LoadError:
    with pytest.raises(LoadError) as caught:
        read_folder(folder)
    return caught.value


def test_a_sample_folder_is_read_as_it_stands(folder):
    world = read_folder(folder)
    order, fulfilment = world.netsuite["transaction"]
    assert order["memo"] == "Two\nlines, one comma"
    assert order["custbody_source_store"] == "Corner Shop"
    assert fulfilment["foreigntotal"] is None
    assert world.netsuite["transactionline"][1]["rate"] == "34.71500001"
    assert world.netsuite["nexttransactionlink"] == [{"previousdoc": "7001", "nextdoc": "97001", "linktype": "ShipRcpt"}]  # fmt: skip
    assert world.netsuite["trackingnumber"] == []
    assert world.hubspot["contacts"][0]["firstname"] == "José"
    assert world.hubspot["deals"] == []
    assert [one["hs_sku"] for one in world.hubspot["products"]] == ["SDL-1", None]
    assert world.planted == {}


def test_a_generated_world_comes_back_from_its_folder(small_world, tmp_path):
    write_folder(small_world, tmp_path)
    back = read_folder(tmp_path)
    for side in ("netsuite", "hubspot"):
        for table, rows in getattr(small_world, side).items():
            columns = {column for row in rows for column in row}
            assert getattr(back, side)[table] == [{c: row.get(c) or None for c in columns} for row in rows], (
                table
            )
    assert back.planted == small_world.planted
    assert small_world.planted["nul_in_memo"]


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(folder):
    path = folder / "netsuite" / "customer.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_folder(folder).netsuite["customer"][0]["id"] == "31"


def test_files_with_headers_only_are_an_empty_world(folder):
    for path in folder.glob("*/*.csv"):
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    world = read_folder(folder)
    assert sum(len(rows) for rows in (*world.netsuite.values(), *world.hubspot.values())) == 0


@pytest.mark.parametrize("name,columns", [
    ("netsuite/transaction", "foreigntotal"), ("netsuite/transactionline", "foreignamount"),
    ("netsuite/customer", "entityid"), ("netsuite/currency", "symbol"), ("hubspot/companies", "name"),
])  # fmt: skip
def test_a_missing_file_is_named_with_the_columns_that_it_needs(folder, name, columns):
    (folder / f"{name}.csv").unlink()
    error = refusal(folder)
    assert error.path == folder / f"{name}.csv"
    assert "the file is missing" in str(error)
    assert columns in str(error)


def test_a_missing_folder_is_named(folder, tmp_path):
    assert "there is no such folder" in str(refusal(tmp_path / "nowhere"))
    for path in (folder / "hubspot").iterdir():
        path.unlink()
    (folder / "hubspot").rmdir()
    assert "the folder is missing" in str(refusal(folder))


@pytest.mark.parametrize("name,old,new,line,column,says", [
    ("netsuite/transaction", ",foreigntotal,", ",foreigntotals,", 1, "foreigntotals", "there is no such column (did you mean foreigntotal?)"),
    ("netsuite/transaction", ",custbody_source_store", ",custcol_source_store", 1, "custcol_source_store", "custom fields named custbody"),
    ("netsuite/transaction", ",memo,", ",title,", None, None, None),
    ("netsuite/transactionline", ",foreignamount,", ",netamount,", 1, "foreignamount", "the column is missing"),
    ("netsuite/customer", "companyname,email", "email,email", 1, "email", "there twice"),
    ("netsuite/customer", ",companyname", ",", 1, "(no name)", "there is no such column"),
    ("netsuite/customer", "F,F,900031", "F,900031", 2, None, "7 cells, but the header has 8 columns"),
    ("netsuite/customer", "F,F,900031", "F,F,F,900031", 2, None, "9 cells, but the header has 8 columns"),
    ("netsuite/customer", "31,C31", "C31,C31", 2, "id", "an id is a whole number, not 'C31'"),
    ("netsuite/customer", "31,C31", ",C31", 2, "id", "a value is needed here"),
    ("netsuite/customer", ",F,F,9", ",no,F,9", 2, "isperson", "yes or no is written T or F, not 'no'"),
    ("netsuite/customer", "2024-01-01 10:00:00", "2024-01-01", 2, "lastmodifieddate", "a time is written YYYY-MM-DD HH:MM:SS"),
    ("netsuite/transaction", "G,2024-05-31", "G,5/31/2024", 3, "trandate", "a date is written YYYY-MM-DD, not '5/31/2024'"),
    ("netsuite/transaction", "G,2024-05-31", "G,2024-02-30", 3, "trandate", "a date is written YYYY-MM-DD"),
    ("netsuite/transaction", "\n97001,IF7001", "\n7001,IF7001", 4, "id", "'7001' is there a second time"),
    ("netsuite/transaction", "97001,IF7001", "99999999999999999999,IF7001", 4, "id", "an id is a whole number"),
    ("hubspot/companies", "900031,", "abc,", 2, "id", "an id is a whole number"),
    ("hubspot/companies", ",domain", ",webpage", 1, "webpage", "there is no such column"),
    ("hubspot/products", ",hs_sku", ",sku", 1, "hs_sku", "The file needs id, name, hs_sku; it has id, name, sku, price"),
    ("hubspot/products", ",price", ",unit price", 1, "unit price", "there is no such column"),
    ("hubspot/products", "700031,", "P31,", 2, "id", "an id is a whole number, not 'P31'"),
    ("hubspot/products", "\n700032", "\n700031", 3, "id", "'700031' is there a second time"),
    ("hubspot/products", ",34.71", "", 2, None, "3 cells, but the header has 4 columns"),
    ("netsuite/customer", "C31,Corner", 'C31,"Corner" ', 2, None, "this is not CSV"),
])  # fmt: skip
def test_what_is_wrong_is_told_with_file_line_and_column(folder, name, old, new, line, column, says):
    path = rewrite(folder, name, old, new)
    if says is None:
        assert read_folder(folder).netsuite["transaction"][0]["title"] == "Two\nlines, one comma"
        return
    error = refusal(folder)
    assert (error.path, error.line, error.column) == (path, line, column)
    assert says in str(error)
    assert str(path) in str(error)


def test_an_unknown_file_is_refused_with_the_likely_name(folder):
    (folder / "netsuite" / "transactions.csv").write_text("id\n")
    assert "did you mean transaction" in str(refusal(folder))


def test_an_empty_file_and_one_that_is_not_utf8_are_refused(folder):
    path = folder / "netsuite" / "customer.csv"
    path.write_bytes("id,entityid,lastmodifieddate\n1,Müller,\n".encode("latin-1"))
    assert "not UTF-8" in str(refusal(folder))
    path.write_bytes(b"")
    assert "it is empty" in str(refusal(folder))


@pytest.mark.parametrize("value", ["n/a", "12,50", "1E3", ".5", "10.019", "1234567.12345678"])
def test_amounts_that_a_sync_must_judge_are_loaded_as_they_are(folder, value):
    rewrite(folder, "netsuite/transaction", "1,1,104.1450", f'1,1,"{value}"')
    rewrite(folder, "netsuite/transactionline", "-3,34.71500001,-104.1450", f'"{value}","{value}","{value}"')
    world = read_folder(folder)
    assert world.netsuite["transaction"][0]["foreigntotal"] == value
    line = world.netsuite["transactionline"][1]
    assert (line["quantity"], line["rate"], line["foreignamount"]) == (value, value, value)


def test_a_line_key_may_repeat_since_a_sync_must_notice_it(folder):
    rewrite(folder, "netsuite/transactionline", "\n2,7001", "\n1,7001")
    keys = [line["uniquekey"] for line in read_folder(folder).netsuite["transactionline"]]
    assert keys == ["1", "1"]


def test_a_hundred_thousand_lines_are_read_within_seconds(folder):
    path = folder / "netsuite" / "transactionline.csv"
    with path.open("a", encoding="utf-8") as file:
        for number in range(3, 100_003):
            file.write(
                f"{number},7001,{number},{number},F,F,5,InvtPart,-1,1,-1,Saddle,,F,F,2024-06-07 00:00:00\n"
            )
    started = time.perf_counter()
    world = read_folder(folder)
    assert time.perf_counter() - started < 10
    assert len(world.netsuite["transactionline"]) == 100_002
