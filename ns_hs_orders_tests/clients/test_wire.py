"""JSON is read fast and strictly, with the values that the standard library's own parser gives."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ns_hs_orders.clients.wire import encoded, parsed

numbers = st.from_regex(r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"])).flatmap(
    lambda text: st.sampled_from([json.dumps(text), json.dumps(text, ensure_ascii=False)])
)
documents = st.recursive(
    numbers | texts | st.sampled_from(["null", "true", "false"]),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda parts: f"[{', '.join(parts)}]")
        | st.lists(st.tuples(texts, inner), max_size=4).map(
            lambda pairs: "{" + ",".join(f"{key}:{value}" for key, value in pairs) + "}"
        )
    ),
    max_leaves=12,
)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(values.filter(lambda value: value is not None))
def test_every_body_means_the_same_to_the_standard_library_in_plain_ascii(value: object) -> None:
    content, _ = encoded(value, None)

    assert content is not None
    assert content.isascii()
    assert json.loads(content) == value


@given(documents)
def test_every_document_means_the_same_and_decimals_stay_text(document: str) -> None:
    expected = json.loads(document, parse_float=str)

    body, is_json = parsed(document.encode())

    assert is_json
    assert repr(body) == repr(expected)


@pytest.mark.parametrize(
    "content, body",
    [
        (b'\xef\xbb\xbf{"a": 1.10}', {"a": "1.10"}),
        (b'{"a": "x\\ud83d", "b": 2.0}', {"a": "x?", "b": "2.0"}),
        (b'{"a": 1, "a": 2}', {"a": 2}),
    ],
    ids=["byte order mark", "half a surrogate pair", "a key twice"],
)
def test_what_only_the_patient_parser_takes_means_the_same_too(content: bytes, body: object) -> None:
    assert parsed(content) == (body, True)


@pytest.mark.parametrize("content", [b"NaN", b"[Infinity]", b"[1,]", b"{'a': 1}", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_told(content: bytes) -> None:
    assert parsed(content) == (None, False)
