"""HTML made safely: whatever is not Markup is text, and comes out as text.

Belongs here: elements, attributes and links. Does not belong here: what a page says (page, first_screen).
"""

from __future__ import annotations

import re
from html import escape
from typing import Self

_WEB_ADDRESS = re.compile(r"https?://[^\s\"'<>\\]+", re.IGNORECASE)
_VOID = frozenset({"meta", "path", "rect", "line"})


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()

    @classmethod
    def joined(cls, parts: list[Self] | list[str]) -> Self:
        """The parts, one after the other; those that are no Markup as text."""
        return cls("".join(part if isinstance(part, Markup) else escape(part) for part in parts))


def element(name: str, /, *children: str | None, **attributes: str | int | bool | None) -> Markup:
    """An element. Attributes: `class_` is class, `aria_label` is aria-label; None and False leave one out."""
    shown = "".join(
        f" {attribute.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(str(value))}"')
        for attribute, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _VOID and not children:
        return Markup(f"<{name}{shown}>" if name == "meta" else f"<{name}{shown}/>")
    return Markup(f"<{name}{shown}>{Markup.joined([one for one in children if one is not None])}</{name}>")


def is_web_address(url: str | None) -> bool:
    """Whether an address may become a link: http and https alone, so that no text of others runs as a script."""
    return url is not None and _WEB_ADDRESS.fullmatch(url) is not None


def link(url: str | None, text: str, label: str | None = None) -> Markup | None:
    """A link that opens beside the report and tells the other side nothing; None where the address is no web address."""
    if url is None or not is_web_address(url):
        return None
    return element("a", text, href=url, target="_blank", rel="noopener noreferrer", aria_label=label)


def table(caption: str, columns: list[tuple[str, bool]], rows: list[list[str]]) -> Markup:
    """A table with a caption for screen readers. columns: heading, and whether it holds numbers; the first is the row's."""
    head = [
        element("th", heading, scope="col", class_="number" if is_number else None)
        for heading, is_number in columns
    ]
    body = [
        element(
            "tr",
            element("th", row[0], scope="row"),
            *(
                element("td", cell, class_="number" if is_number else None)
                for cell, (_, is_number) in zip(row[1:], columns[1:], strict=True)
            ),
        )
        for row in rows
    ]
    return scrollable(
        caption,
        element(
            "table",
            element("caption", caption),
            element("thead", element("tr", *head)),
            element("tbody", *body),
        ),
    )


def scrollable(label: str, content: Markup) -> Markup:
    """What may be wider than the window: scrolled by itself, by keyboard too."""
    return element("div", content, class_="wide", tabindex="0", role="region", aria_label=label)
