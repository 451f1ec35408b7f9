"""The shape in which NetSuite refuses a request.

Belongs here: one exception and its JSON body.
Does not belong here: the rules that raise it.
"""

from __future__ import annotations

from typing import Any

_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    429: "Too Many Requests",
    500: "Internal Server Error",
}
_TYPES = {
    400: "https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html#sec10.4.1",
    401: "https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.2",
    403: "https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html#sec10.4.4",
    404: "https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html#sec10.4.5",
    405: "https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html#sec10.4.6",
    429: "https://www.rfc-editor.org/rfc/rfc6585.html#section-4",
    500: "https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html#sec10.5.1",
}


class NetSuiteRefusedError(Exception):
    """An answer with o:errorDetails: an HTTP status, NetSuite's error code and a sentence."""

    def __init__(
        self, status: int, code: str, detail: str, *, query_param: str | None = None, path: str | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.query_param = query_param
        self.path = path

    def body(self) -> dict[str, Any]:
        detail = {"detail": self.detail, "o:errorCode": self.code}
        if self.query_param:
            detail["o:errorQueryParam"] = self.query_param
        if self.path:
            detail["o:errorPath"] = self.path
        return {
            "type": _TYPES[self.status],
            "title": _TITLES[self.status],
            "status": self.status,
            "o:errorDetails": [detail],
        }


def invalid_query(sentence: str) -> NetSuiteRefusedError:
    """400 INVALID_PARAMETER about the query text."""
    return NetSuiteRefusedError(
        400,
        "INVALID_PARAMETER",
        f"Invalid search query. Detailed unprocessed description follows. {sentence}",
        query_param="q",
    )


def unsupported(what: str) -> NetSuiteRefusedError:
    """400 about something that SuiteQL does not take."""
    return invalid_query(f"Search error occurred: Invalid or unsupported search. {what}")
