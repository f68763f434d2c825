"""Tells when a badge connects, and when a certificate does so under somebody else's client id.

MQTT ends the older of two connections with one client id, and nats-server 2.15 cannot tie an id to
a certificate: its users have no such field, and an authorization callout, which is told the id,
would have to judge every connection in place of the server. So it is watched, in the server's own
list of connections, those already ended included.
"""

import collections
import datetime as dt
import json
import re
import urllib.request
from collections.abc import Callable, Container, Iterator
from typing import Any, Final

LOOK_EVERY_S: Final = 5.0
TIMEOUT_S: Final = 2.0
PAGE: Final = 1024
# A culprit that goes on is told again after so many looks: ten minutes.
SILENT_LOOKS: Final = 120

# A connection: its number at the server, which counts anew from each start, and when it began.
Once = tuple[int, str]

_NAME: Final = re.compile(r"(?:^|,)CN=([A-Za-z0-9_-]{1,32})(?:,|$)")


class ConnectionWatch:
    """Compares client ids with certificates. `address` is the server's monitor, None when down.

    `known()` has the client ids that belong to somebody; `say` gets one sentence a culprit;
    `own_subject` is of the receiver's own certificate, which may use any id. `came` gets the
    badges that connected since the last look, and when (ms since 1970 UTC); `seen`, at each look
    that the server answered, all that are connected.
    """

    def __init__(
        self,
        address: Callable[[], str | None],
        known: Callable[[], Container[str]],
        say: Callable[[str], None],
        own_subject: str,
        came: Callable[[dict[str, int]], None] = lambda _badges: None,
        seen: Callable[[frozenset[str]], None] = lambda _badges: None,
    ) -> None:
        self._came = came
        self._seen_now = seen
        self._present: dict[str, Once] = {}
        self._own_subject = own_subject
        self._address = address
        self._known = known
        self._say = say
        self._seen: collections.deque[Once] = collections.deque(maxlen=2 * PAGE)
        self._silent: dict[tuple[str, str], int] = {}

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
            except (OSError, ValueError):
                return
        came = {
            badge: round(dt.datetime.fromisoformat(once[1]).timestamp() * 1000)
            for badge, once in present.items()
            if self._present.get(badge) != once
        }
        self._present = present
        if came:
            self._came(came)
        self._seen_now(frozenset(present))

    def _judge(self, connection: dict[str, Any], known: Container[str]) -> str | None:
        """The badge, when it is one under its own id."""
        client_id = str(connection.get("mqtt_client", ""))
        subject = str(connection.get("authorized_user", ""))
        found = _NAME.search(subject)
        if subject == self._own_subject or found is None:
            return None
        if client_id == found[1]:
            return client_id
        if client_id not in known:
            return None
        once = _once(connection)
        if once in self._seen:
            return None
        self._seen.append(once)
        key = (found[1], client_id)
        if key not in self._silent:
            self._say(
                f"The certificate of {found[1]} connected under the client id of {client_id} and "
                f"so ended the connection of {client_id}: if you do not know why, "
                f"revoke {found[1]}."
            )
        self._silent[key] = SILENT_LOOKS
        return None


def _once(connection: dict[str, Any]) -> Once:
    return int(connection["cid"]), str(connection["start"])


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
