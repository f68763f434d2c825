"""One event posted to a webhook, signed as Standard Webhooks says; blocks, but for a time only."""

import base64
import hashlib
import hmac
import http.client
import json
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from nabij.centre.incidents.news import News
from nabij.centre.webhooks.hooks import Hook
from nabij.errors import NabijError

LIMIT_S: Final = 10.0
_TAKEN: Final = range(200, 300)


class NotTakenError(NabijError):
    """Whoever is posted to did not take it; `said` is what they said."""

    def __init__(self, hook: Hook, said: str) -> None:
        super().__init__(f"Webhook {hook.name} did not take it ({said}).")
        self.said = said


@dataclass(frozen=True)
class Letter:
    """What is posted: the number of the event, and a body in which all of it stands."""

    number: int
    body: bytes


def letter(news: News) -> Letter:
    """The event and its incident as they stand now, as JSON."""
    incident = None if news.incident is None else news.incident.fields()
    content = {
        "event": news.id,
        "what": str(news.what),
        "at_ms": news.at_ms,
        "badge": news.badge,
        "wearer": news.wearer,
        "by": news.by,
        "drill": news.incident is not None and news.incident.test,
        "incident": incident,
        "where": None if news.incident is None else news.where.fields(news.at_ms),
    }
    return Letter(news.id, json.dumps(content).encode())


def signature(secret: bytes, number: int, at_s: int, body: bytes) -> str:
    """The `webhook-signature` of a body that is posted at that time (s since 1970)."""
    signed = f"{number}.{at_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


def post(hook: Hook, what: Letter, limit_s: float = LIMIT_S) -> None:
    """Post it; NotTakenError unless it is taken within the time. Follows no one elsewhere."""
    at_s = int(time.time())
    headers = {
        "content-type": "application/json",
        "webhook-id": str(what.number),
        "webhook-timestamp": str(at_s),
        "webhook-signature": signature(hook.secret, what.number, at_s, what.body),
    }
    parts = urlsplit(hook.url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _connection(parts.scheme, parts.hostname or "", parts.port, limit_s)
    # One byte a second is an answer without end: this ends it, whatever comes.
    ends = threading.Timer(limit_s, _cut, [connection])
    ends.daemon = True
    ends.start()
    try:
        connection.request("POST", path, body=what.body, headers=headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError) as error:
        is_late = ends.finished.is_set() or isinstance(error, TimeoutError)
        words = f"no answer within {limit_s:g} s" if is_late else type(error).__name__
        raise NotTakenError(hook, words) from error
    finally:
        ends.cancel()
        connection.close()
    if status not in _TAKEN:
        raise NotTakenError(hook, f"it answered {status}")


def _connection(
    scheme: str, host: str, port: int | None, limit_s: float
) -> http.client.HTTPConnection:
    if scheme == "https":
        trust = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=limit_s, context=trust)
    return http.client.HTTPConnection(host, port, timeout=limit_s)


def _cut(connection: http.client.HTTPConnection) -> None:
    found: socket.socket | None = connection.sock
    if found is not None:
        with suppress(OSError):
            found.shutdown(socket.SHUT_RDWR)
