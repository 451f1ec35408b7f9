"""Delivering messages through apprise: Slack, Teams, e-mail, webhooks and the rest, each by its URL.

Belongs here: all that knows apprise. Does not belong here: what is sent. A URL holds credentials, so none is
shown: an address is known by its place in the setting and its kind, such as `2 (slack)`.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ns_hs_orders.alerts.ports import Message

if TYPE_CHECKING:
    from apprise import Apprise

SECONDS_EACH = 10.0
SECONDS_ALL = 15.0
"""Less than the minute that Dagster gives a sensor's tick."""

_BETWEEN = re.compile(r"[\s,]+(?=[A-Za-z][A-Za-z0-9+]{0,30}://)")
_TALKATIVE = ("apprise", "urllib3")
_silence = threading.Lock()


def addresses(urls: str) -> dict[str, str]:
    """Name → apprise URL, of URLs that commas or whitespace part; a comma within a URL parts nothing."""
    parts = [part.strip(" \t\r\n,") for part in _BETWEEN.split(urls)]
    return {
        f"{number} ({part.split('://')[0].lower()})": part
        for number, part in enumerate(filter(None, parts), start=1)
    }


class AppriseMessenger:
    """Implements the alerts' `Messenger`."""

    def __init__(self, urls: str) -> None:
        self._addresses: Mapping[str, str] = addresses(urls)

    @property
    def targets(self) -> tuple[str, ...]:
        """Names of the addresses, in the order of the setting."""
        return tuple(self._addresses)

    def send(self, message: Message, targets: Collection[str]) -> set[str]:
        """Sends to these targets at once; returns those that accepted it.

        A message longer than a service takes is sent in parts. Whatever goes wrong, nothing is raised.
        """
        with _silent():
            try:
                return self._send(message, targets)
            except Exception:  # noqa: BLE001 -- a plugin's mistake, whose text may hold the URL, stops nobody
                return set()

    def _send(self, message: Message, targets: Collection[str]) -> set[str]:
        from apprise import NotifyFormat, NotifyType

        notifier, tags = self._notifier(targets)
        if not tags:
            return set()
        result = notifier.notify(
            body=message.body,
            title=message.title,
            notify_type=NotifyType(message.kind),
            body_format=NotifyFormat.MARKDOWN,
            tag=list(tags),
            timeout=SECONDS_ALL,
        )
        return {tags[tag] for one in result if one for tag in one.tag if tag in tags}

    def _notifier(self, targets: Collection[str]) -> tuple[Apprise, dict[str, str]]:
        """The services of these targets, and tag → target; a URL that apprise does not know has none."""
        from apprise import Apprise, AppriseAsset, OverflowMode

        asset = AppriseAsset(service_timeout=SECONDS_EACH, interpret_emojis=False, app_id="ns_hs_orders")
        notifier, tags = Apprise(asset=asset), {}
        for number, name in enumerate(self._addresses):
            if name not in targets:
                continue
            tag = f"target{number}"
            service = Apprise.instantiate(self._addresses[name], asset=asset, tag=tag)
            if service is None:
                continue
            service.verify_certificate = True  # whatever the URL asks for
            if service.overflow_mode == OverflowMode.UPSTREAM:
                service.overflow_mode = OverflowMode.SPLIT
            notifier.add(service)
            tags[tag] = name
        return notifier, tags


@contextmanager
def _silent() -> Iterator[None]:
    """Loggers that name URLs or their paths, which are credentials, say nothing meanwhile."""
    loggers = [logging.getLogger(name) for name in _TALKATIVE]
    with _silence:
        before = [(one, one.level) for one in loggers]
        for one in loggers:
            one.setLevel(logging.CRITICAL + 10)
        try:
            yield
        finally:
            for one, level in before:
                one.setLevel(level)
