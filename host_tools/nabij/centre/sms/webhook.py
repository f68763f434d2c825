"""Takes what services post: signed, bounded, and answered with 2xx after the commit only.

Of a request that is refused nothing is kept but a count.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Final

from nabij.centre.sms import forms
from nabij.centre.sms.forms import FORMS, NoMessageError
from nabij.centre.sms.settings import Service
from nabij.centre.sms.signatures import ForgedError, Post
from nabij.centre.sms.taking import Taken, Taking

PREFIX: Final = "/sms/"
# A text message with all that services write beside it has 2 kB.
MOST_BODY: Final = 16 * 1024
BODY_S: Final = 5.0
AGAIN_S: Final = 30

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class _Answer:
    status: int
    kind: str = "text/plain"
    body: bytes = b""


class _TooLongError(Exception):
    """A body of more than MOST_BODY, or one that does not end."""


class Webhook:
    """An ASGI application. `services()` are those that are set now.

    `refused(name, why)` hears of each request of a service that is not taken.
    """

    def __init__(
        self,
        services: Callable[[], Mapping[str, Service]],
        taking: Taking,
        refused: Callable[[str, str], None] = lambda _name, _why: None,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._services = services
        self._taking = taking
        self._refused = refused
        self._now_s = now_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        answer = await self._answer(scope, receive)
        headers = [(b"content-type", answer.kind.encode())]
        if answer.status >= 500:
            headers.append((b"retry-after", str(AGAIN_S).encode()))
        if answer.status >= 400:
            # Whoever forges has to connect anew for the next one.
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: Scope, receive: Receive) -> _Answer:
        path = str(scope["path"])
        service = self._services().get(path.removeprefix(PREFIX))
        if service is None or not path.startswith(PREFIX):
            self.counts["no such address"] += 1
            return _Answer(404)
        if scope["method"] != "POST":
            self.counts["no post"] += 1
            return _Answer(405)
        try:
            body = await _body(scope, receive)
        except _TooLongError:
            return self._refuse(service.name, "length", 413)
        post = Post(_url(service, scope), _headers(scope), body)
        form = FORMS[service.name]
        try:
            form.verify(post, service.secret, self._now_s())
        except ForgedError as error:
            return self._refuse(service.name, error.why, 503 if error.again else 403)
        is_taken = _Answer(200, *form.answer)
        try:
            text = forms.read(service.name, post)
        except NoMessageError:
            # As that a message of ours was delivered: posted again it would be the same.
            self.counts["other"] += 1
            return is_taken
        taken = await self._taking.take(text)
        self.counts[taken.name.lower()] += 1
        return _Answer(503) if taken is Taken.NOT_NOW else is_taken

    def _refuse(self, name: str, why: str, status: int) -> _Answer:
        self.counts[f"refused: {why}"] += 1
        self._refused(name, why)
        return _Answer(status)


async def _body(scope: Scope, receive: Receive) -> bytes:
    for name, value in scope["headers"]:
        if name == b"content-length" and (not value.isdigit() or int(value) > MOST_BODY):
            raise _TooLongError
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise _TooLongError
                body += message.get("body", b"")
                if len(body) > MOST_BODY:
                    raise _TooLongError
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError as error:
        raise _TooLongError from error


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def _url(service: Service, scope: Scope) -> str:
    """As the service calls it: a proxy may have another name, and another scheme."""
    query = scope.get("query_string", b"")
    if not query or "?" in service.url:
        return service.url
    return f"{service.url}?{query.decode('latin-1')}"
