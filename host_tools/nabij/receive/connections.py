"""Tells when a certificate connects under the MQTT client id of somebody else.

MQTT ends the older of two connections with one client id, and nats-server 2.15 cannot tie an id to
a certificate: its users have no such field, and an authorization callout, which is told the id,
would have to judge every connection in place of the server. So it is watched, in the server's own
list of connections, those already ended included.
"""

import collections
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

_NAME: Final = re.compile(r"(?:^|,)CN=([A-Za-z0-9_-]{1,32})(?:,|$)")


class ConnectionWatch:
    """Compares client ids with certificates. `address` is the server's monitor, None when down.

    `known()` has the client ids that belong to somebody; `say` gets one sentence a culprit;
    `own_subject` is of the receiver's own certificate, which may use any id.
    """

    def __init__(
        self,
        address: Callable[[], str | None],
        known: Callable[[], Container[str]],
        say: Callable[[str], None],
        own_subject: str,
    ) -> None:
        self._own_subject = own_subject
        self._address = address
        self._known = known
        self._say = say
        self._seen: collections.deque[tuple[int, str]] = collections.deque(maxlen=2 * PAGE)
        self._silent: dict[tuple[str, str], int] = {}

    def look(self) -> None:
        """Look once. A server that does not answer just now is looked at the next time."""
        self._silent = {key: left - 1 for key, left in self._silent.items() if left > 1}
        address = self._address()
        if address is None:
            return
        known = self._known()
        for state in ("open", "closed"):
            try:
                for connection in _connections(address, state):
                    self._judge(connection, known)
            except (OSError, ValueError):
                return

    def _judge(self, connection: dict[str, Any], known: Container[str]) -> None:
        client_id = str(connection.get("mqtt_client", ""))
        subject = str(connection.get("authorized_user", ""))
        found = _NAME.search(subject)
        if subject == self._own_subject or found is None:
            return
        if client_id == found[1] or client_id not in known:
            return
        once = (int(connection["cid"]), str(connection["start"]))
        if once in self._seen:
            return
        self._seen.append(once)
        key = (found[1], client_id)
        if key not in self._silent:
            self._say(
                f"The certificate of {found[1]} connected under the client id of {client_id} and "
                f"so ended the connection of {client_id}: if you do not know why, "
                f"revoke {found[1]}."
            )
        self._silent[key] = SILENT_LOOKS


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
