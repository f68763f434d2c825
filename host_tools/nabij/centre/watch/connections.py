"""Tells when a badge connects, and when a certificate does so under a client id not its own.

MQTT ends the older of two connections with one client id, and nats-server 2.15 cannot tie an id to
a certificate: its users have no such field, and an authorization callout, which is told the id,
would have to judge every connection in place of the server. So ids are secret (`wire.client_id`),
and who tries others is seen in the server's own list of connections, those already ended included.
"""

import collections
import datetime as dt
import http.client
import json
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Self

from badge.core.codec import wire
from nabij.centre.store import BadgeRecord

LOOK_EVERY_S: Final = 5.0
TIMEOUT_S: Final = 2.0
PAGE: Final = 1024
# A culprit that goes on is told again after so many looks: ten minutes.
SILENT_LOOKS: Final = 120


class Once(NamedTuple):
    """One connection of a client, which may come again."""

    # At the server, which counts anew from each start.
    number: int
    began: str


@dataclass(frozen=True)
class Known:
    """Badge by the subject of its certificate, and by client id whose it is (for a sentence)."""

    badges: Mapping[str, str]
    owners: Mapping[str, str]

    @classmethod
    def of(cls, records: Iterable[BadgeRecord], receiver_id: str) -> Self:
        """Of the badges in use and the receiver."""
        in_use = [record for record in records if record.revoked_ms is None]
        owners = {receiver_id: "the receiver"}
        for record in in_use:
            owners[wire.client_id(record.badge, record.hmac_key)] = record.badge
        # Older firmware goes by the badge's plain name.
        owners |= {record.badge: record.badge for record in in_use}
        return cls({record.subject: record.badge for record in in_use}, owners)


@dataclass(frozen=True)
class Hearers:
    """Who is told what a look finds."""

    # One sentence a culprit.
    say: Callable[[str], None]
    # The badges that connected since the last look, and when (ms since 1970 UTC).
    came: Callable[[dict[str, int]], None] = lambda _badges: None
    # All that are connected, at each look that the server answered.
    seen: Callable[[frozenset[str]], None] = lambda _badges: None


class ConnectionWatch:
    """Compares client ids with certificates. `address()` is the server's monitor, None when down.

    What `known()` has no certificate of is not looked at, as of one that was replaced since.
    """

    def __init__(
        self,
        address: Callable[[], str | None],
        known: Callable[[], Known],
        hearers: Hearers,
    ) -> None:
        self._hearers = hearers
        self._present: dict[str, Once] = {}
        self._address = address
        self._known = known
        self._seen: collections.deque[Once] = collections.deque(maxlen=2 * PAGE)
        self._silent: dict[tuple[str, str | None], int] = {}

    def look(self) -> None:
        """Look once. A server that does not answer just now is looked at the next time."""
        self._silent = {key: left - 1 for key, left in self._silent.items() if left > 1}
        address = self._address()
        if address is None:
            return
        known = self._known()
        present: dict[str, Once] = {}
        for state in ("open", "closed"):
            try:
                for connection in _connections(address, state):
                    badge = self._judge(connection, known)
                    if badge and state == "open":
                        present[badge] = _once(connection)
            except (OSError, ValueError, http.client.HTTPException):
                return
        came = {
            badge: round(dt.datetime.fromisoformat(once.began).timestamp() * 1000)
            for badge, once in present.items()
            if self._present.get(badge) != once
        }
        self._present = present
        if came:
            self._hearers.came(came)
        self._hearers.seen(frozenset(present))

    def _judge(self, connection: dict[str, Any], known: Known) -> str | None:
        """The badge, when it is one under an id of its own."""
        client_id = str(connection.get("mqtt_client", ""))
        badge = known.badges.get(str(connection.get("authorized_user", "")))
        if badge is None:
            return None
        owner = known.owners.get(client_id)
        if owner == badge:
            return badge
        once = _once(connection)
        if once in self._seen:
            return None
        self._seen.append(once)
        key = (badge, owner)
        if key not in self._silent:
            under = (
                f"a client id that is not its own ({client_id[:64]!r})"
                if owner is None
                else f"the client id of {owner} and so ended what {owner} had under it"
            )
            self._hearers.say(
                f"The certificate of {badge} connected under {under}: "
                f"if you do not know why, revoke {badge}."
            )
        self._silent[key] = SILENT_LOOKS
        return None


def _once(connection: dict[str, Any]) -> Once:
    return Once(int(connection["cid"]), str(connection["start"]))


def _connections(address: str, state: str) -> Iterator[dict[str, Any]]:
    """Every connection in that state, the newest page only of those that are closed."""
    offset = 0
    while True:
        query = f"connz?auth=1&state={state}&limit={PAGE}&offset={offset}"
        if state == "closed":
            query += "&sort=stop"
        with urllib.request.urlopen(f"http://{address}/{query}", timeout=TIMEOUT_S) as answer:
            page = json.load(answer)
        yield from page["connections"]
        offset += PAGE
        if state == "closed" or offset >= page["total"]:
            return
