"""Who is connected, as the broker tells it, and who comes under a client id not his own.

MQTT ends the older of two connections with one client id, and nats-server 2.15 cannot tie an id to
a certificate: its users have no such field, and an authorization callout, which is told the id,
would have to judge every connection in place of the server. So ids are secret (`wire.client_id`),
and who tries others is told by what the server says of each connection.
"""

import collections
import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from badge.core.codec import wire
from nabij.centre.store import BadgeRecord

# A culprit that goes on is told again after this.
SILENT_S: Final = 600.0
_REMEMBERED: Final = 2048
# What the server says of a connection whose client id another one has taken.
DUPLICATE: Final = "Duplicate Client ID"
# Two connections fight for an id when it goes back and forth between two addresses so often within
# this time, or from one address so often.
DUEL_S: Final = 120.0
SLOW, FAST = 4, 10
_PLACES: Final = 6


@dataclass(frozen=True)
class Connection:
    """One, as the `server` of that id names it: `number` counts anew from each of its starts."""

    number: int
    # ISO 8601.
    start: str
    # The subject of the certificate.
    user: str
    # Empty as long as it has not said so.
    client_id: str
    host: str = field(default="", compare=False)
    server: str = ""

    @property
    def place(self) -> tuple[str, int]:
        """By which it is known, as long as it lasts."""
        return self.server, self.number


@dataclass(frozen=True)
class Known:
    """Badge by the subject of its certificate, and by client id whose it is (for a sentence)."""

    badges: Mapping[str, str]
    owners: Mapping[str, str]

    @classmethod
    def of(cls, records: Iterable[BadgeRecord]) -> Self:
        """Of the badges in use."""
        in_use = [record for record in records if record.revoked_ms is None]
        owners = {wire.client_id(record.badge, record.hmac_key): record.badge for record in in_use}
        # Older firmware goes by the badge's plain name.
        owners |= {record.badge: record.badge for record in in_use}
        return cls({record.subject: record.badge for record in in_use}, owners)


class ConnectionWatch:
    """Keeps who is connected, and compares client ids with certificates. Not for two threads.

    `known()` says what belongs to whom; connections of other certificates are not looked at, as
    of one that was replaced since. `say` gets one sentence a culprit; `now_s()` is a steady time.
    """

    def __init__(
        self, known: Callable[[], Known], say: Callable[[str], None], now_s: Callable[[], float]
    ) -> None:
        self._known = known
        self._say = say
        self._now_s = now_s
        self._present: dict[tuple[str, int], tuple[str, Connection]] = {}
        self._seen: collections.deque[Connection] = collections.deque(maxlen=_REMEMBERED)
        self._silent: dict[tuple[str, str | None], float] = {}
        # Certificates that were a badge's, and connections that came by one since.
        self._former: collections.deque[str] = collections.deque(maxlen=_REMEMBERED)
        self._back: list[Connection] = []
        # Of each badge, from where it connected last, and when its connections were taken over.
        self._hosts: dict[str, collections.deque[str]] = {}
        self._taken_s: dict[str, collections.deque[float]] = {}

    @property
    def present(self) -> frozenset[str]:
        """The badges that are connected under an id of their own."""
        return frozenset(badge for badge, _connection in self._present.values())

    def begin(self, now: Iterable[Connection], ended: Iterable[Connection] = ()) -> dict[str, int]:
        """The first are all there are, the others came and went; returns as `opened` does."""
        there = list(now)
        places = {connection.place for connection in there}
        for place in self._present.keys() - places:
            del self._present[place]
        for connection in ended:
            self._judge(connection)
        came: dict[str, int] = {}
        for connection in there:
            came |= self.opened(connection)
        return came

    def opened(self, connection: Connection) -> dict[str, int]:
        """The badge that came with it, unless that is known, and when (ms since 1970 UTC)."""
        # A server that reads its configuration again tells of who is just connecting.
        is_known = self._present.get(connection.place, ("", None))[1] == connection
        if is_known or not connection.client_id:
            return {}
        self._present.pop(connection.place, None)
        if connection.user in self._former:
            self._back.append(connection)
        badge = self._judge(connection)
        if badge is None or not connection.client_id:
            return {}
        self._present[connection.place] = (badge, connection)
        self._hosts.setdefault(badge, collections.deque(maxlen=_PLACES)).append(connection.host)
        start = dt.datetime.fromisoformat(connection.start)
        return {badge: round(start.timestamp() * 1000)}

    def closed(self, connection: Connection, reason: str = "") -> str | None:
        """It is no more; its badge, when two connections fight for its client id."""
        badge, _connection = self._present.pop(connection.place, (None, None))
        if badge is None or reason != DUPLICATE:
            return None
        now_s = self._now_s()
        times = self._taken_s.setdefault(badge, collections.deque(maxlen=FAST))
        times.append(now_s)
        recent = sum(now_s - one < DUEL_S for one in times)
        # One badge that comes back by another way does not go back and forth.
        hosts = list(self._hosts.get(badge, ()))
        turns = sum(one == later for one, later in zip(hosts, hosts[2:], strict=False))
        back_and_forth = turns >= 2 and len(set(hosts)) > 1
        return badge if recent >= FAST or (recent >= SLOW and back_and_forth) else None

    def revoked(self) -> list[Connection]:
        """Those of a certificate that was a badge's and is no more, each once."""
        in_use = self._known().badges
        there = [one for _badge, one in self._present.values()] + self._back
        found = [one for one in there if one.user not in in_use]
        self._back.clear()
        for one in found:
            self._present.pop(one.place, None)
            if one.user not in self._former:
                self._former.append(one.user)
        return found

    def places(self, badge: str) -> list[str]:
        """The addresses from which the badge connected last, each once."""
        return list(dict.fromkeys(self._hosts.get(badge, ())))

    def _judge(self, connection: Connection) -> str | None:
        """The badge, when it is one under an id of its own."""
        known = self._known()
        badge = known.badges.get(connection.user)
        # Without an id it went before it said who it is.
        if badge is None or not connection.client_id:
            return None
        owner = known.owners.get(connection.client_id)
        if owner == badge:
            return badge
        if connection not in self._seen:
            self._seen.append(connection)
            self._tell(badge, owner, connection.client_id)
        return None

    def _tell(self, badge: str, owner: str | None, client_id: str) -> None:
        now_s = self._now_s()
        self._silent = {key: end_s for key, end_s in self._silent.items() if end_s > now_s}
        if (badge, owner) not in self._silent:
            under = (
                f"a client id that is not its own ({client_id[:64]!r})"
                if owner is None
                else f"the client id of {owner} and so ended what {owner} had under it"
            )
            self._say(
                f"The certificate of {badge} connected under {under}: "
                f"if you do not know why, revoke {badge}."
            )
        self._silent[badge, owner] = now_s + SILENT_S
