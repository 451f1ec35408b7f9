"""Nothing that looks like a credential is ever shown; everything else is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ns_hs_orders.clients.redaction import (
    HIDDEN,
    Secret,
    needs_no_redaction,
    place,
    redact,
    redact_body,
    shown,
)

CANARY = "c4n4ry-Zm9vYmFy"
JWT = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJjNG40cnkifQ.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {CANARY}",
        f"authorization: OAuth realm=\"1\", oauth_token=\"{CANARY}\", oauth_signature=\"{CANARY}\"",
        f'{{"Authorization": "Bearer {CANARY}"}}',
        f"bearer {CANARY} was refused",
        f"grant_type=client_credentials&client_assertion={CANARY}&x=1",
        f'{{"access_token":"{CANARY}","expires_in":"3600"}}',
        f"{{'access_token': '{CANARY}'}}",
        f"oauth_consumer_key=\"{CANARY}\"",
        f"consumer_secret: {CANARY}",
        f"hapikey={CANARY}",
        f"https://example.com/path?token={CANARY}&b=2",
        f"with url: /crm/v3?hapikey={CANARY} (Caused by x)",
        f"-----BEGIN PRIVATE KEY-----\n{CANARY}\n-----END PRIVATE KEY-----",
        f"-----BEGIN EC PRIVATE KEY-----\n{CANARY} and then cut off",
        f"token pat-na1-{CANARY}-1234 expired",
    ],
)  # fmt: skip
def test_a_credential_is_hidden_wherever_it_stands(text: str) -> None:
    assert CANARY not in redact(text)
    assert CANARY not in str(redact_body({"a": [text]}))


def test_a_jwt_is_hidden_and_the_words_around_it_stay() -> None:
    assert redact(f"assertion {JWT} refused") == f"assertion {HIDDEN} refused"


def test_a_known_secret_is_hidden_without_any_pattern() -> None:
    assert redact("value hunter2hunter2 seen", ["hunter2hunter2"]) == f"value {HIDDEN} seen"


@pytest.mark.parametrize(
    "text",
    [
        'Property values were not valid: [{"name":"hs_total_price","error":"INVALID_LONG"}]',
        "Unknown identifier 'subsidiary'. Available identifiers are: {transaction=transaction}.",
        "Order SO-1001 for Bearing & Token Ltd., 12.50 USD",
        "Duplicate IDs found in batch input: [1, 2]. IDs must be unique",
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert redact(text) == text


def test_a_body_keeps_its_structure_and_loses_its_secrets() -> None:
    body = {
        "message": "no",
        "context": {"ids": ["1"], "access_token": ["x"]},
        "n": 1,
        "ok": True,
        "none": None,
    }
    assert redact_body(body) == body | {"context": {"ids": ["1"], "access_token": HIDDEN}}


def test_text_for_people_is_one_line_and_cut() -> None:
    assert shown("a\n  b") == "a b"
    assert shown("x" * 600, limit=10) == "xxxxxxxxxx… (600 characters)"


def test_a_long_text_in_a_body_is_cut() -> None:
    cut = redact_body(["x" * 70_000])[0]
    assert len(cut) == 10_001


def test_an_address_is_shown_without_user_query_and_fragment() -> None:
    assert place("https://user:pw@host:8443/a/b?c=d#e") == "https://host:8443/a/b"


def test_a_secret_shows_itself_only_when_asked() -> None:
    secret = Secret(CANARY)
    assert CANARY not in f"{secret} {secret!r} {[secret]} {vars(Secret)!r}"
    assert secret.reveal() == CANARY
    assert secret == Secret(CANARY)
    assert secret != Secret("other")
    assert not Secret("")


@given(
    texts=st.lists(
        st.one_of(
            st.text(max_size=30),
            st.sampled_from(
                [
                    "Bearer abcdefgh",
                    "s3cr3t-t0ken",
                    "https://a.test/b?c=d",
                    "password: x",
                    "x" * 10_001,
                    "plain",
                ]
            ),
        ),
        max_size=5,
    ),
    escaped=st.booleans(),
)
def test_a_body_that_needs_no_redaction_is_left_as_it_is_by_it(texts: list[str], escaped: bool) -> None:
    body = {"errors": [{"message": text} for text in texts]}
    content = json.dumps(body, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    secrets = ("s3cr3t-t0ken",)

    if needs_no_redaction(content, secrets):
        assert redact_body(body, secrets) == body


def test_an_ordinary_answer_needs_no_redaction_and_one_with_a_secret_does() -> None:
    assert needs_no_redaction(
        b'{"errors":[{"message":"No contact is associated with order 12."}]}', ("s3cr3t",)
    )
    assert not needs_no_redaction(b'{"errors":[{"message":"token s3cr3t"}]}', ("s3cr3t",))
    assert not needs_no_redaction(b'{"errors":[{"message":"token s3cr\\u00333t"}]}', ("s3cr3t",))
