"""What anybody posts to the webhook of text messages: spoiled, or signed all the same."""

import asyncio
import importlib
import json
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import parse_qsl

from badge.core.codec import sms_text, wire
from nabij.centre.link.incoming import Incoming, Outcome
from nabij.centre.sms.settings import Service
from nabij.centre.sms.taking import Taking
from nabij.centre.sms.webhook import MOST_BODY, PREFIX, Webhook
from tests.host.centre.sms import posting
from tests.host.centre.sms.posting import NAMES, SECRETS, URL, Sent

# What runs under MicroPython as well is without annotations.
_draw: Any = importlib.import_module("tests.fuzz.mp_draw")

_NOW_S: Final = 1_800_000_000.0
_WORDS: Final = (
    b"\0",
    b"%00",
    b"&Body=",
    b'","text":"',
    b"[[[[",
    b"1e999",
    b"NaN",
    b"\xed\xa0\x80",
)
_HEADERS: Final = (b"v1,", b"Bearer ", b"e30.e30.", b"=" * 9, b"\x80", b"99999999999999999999")


class Posting:
    """Nothing but what a service signed is taken, and its next message is."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        alarm = wire.encode_alarm(b"k" * 32, "anna", 1, 1, 1, 0, rev=1)
        text = str(sms_text.encode(alarm))
        self._sound = {name: posting.post(name, text, _NOW_S) for name in NAMES}
        services = {name: Service(name, URL + name, SECRETS[name].encode()) for name in NAMES}
        self._alarm = alarm
        self._took: list[bytes] = []
        taking = Taking(self._bring, self._loop)
        self._webhook = Webhook(lambda: services, taking, now_s=lambda: _NOW_S)

    def make(self, seed: int) -> list[bytes]:
        """The name of a service, whether it signs what is spoiled, headers, then the body."""
        draw = _draw.Draw(seed)
        name = NAMES[seed % len(NAMES)]
        sound = self._sound[name]
        body: list[bytes] = _draw.drawn(seed // len(NAMES), (sound.body,), _WORDS)
        headers = json.dumps(sound.headers).encode()
        if draw.chance(30):
            key = sorted(sound.headers)[draw.below(len(sound.headers))]
            value = _draw.spoiled(draw, sound.headers[key].encode(), _HEADERS).decode("latin-1")
            headers = json.dumps({**sound.headers, key: value}).encode()
        return [name.encode(), b"s" if draw.chance(30) else b"", headers, *body]

    def run(self, pieces: list[bytes]) -> None:
        """Refused by a number, never by a fault; then the sound one is taken."""
        name, headers, body = pieces[0].decode(), json.loads(pieces[2]), pieces[3:]
        sent = Sent(headers, b"".join(body))
        if pieces[1]:
            sent = self._signed(name, sent.body)
        self._took.clear()
        status = self._post(name, sent, body if not pieces[1] else [sent.body])
        assert status in {200, 403, 413, 503}, status
        is_own = bool(pieces[1]) or sent == self._sound[name]
        assert not self._took or is_own or _says_the_same(name, sent, self._sound[name])
        self._took.clear()
        sound = self._sound[name]
        assert self._post(name, sound, [sound.body]) == 200
        assert self._took == [self._alarm], "the sound one was not taken"

    async def _bring(self, messages: Sequence[Incoming]) -> list[Outcome]:
        self._took += [message.frame for message in messages]
        return [Outcome(done=True, replies=(("down", b""),))] * len(messages)

    def _signed(self, name: str, body: bytes) -> Sent:
        """A text that the service signs, made of rubbish."""
        text = body.decode("latin-1")[:400]
        return posting.post(name, text, _NOW_S, number=text[:200].encode("ascii", "replace").hex())

    def _post(self, name: str, sent: Sent, body: list[bytes]) -> int:
        return self._loop.run_until_complete(self._asked(name, sent, list(body)))

    async def _asked(self, name: str, sent: Sent, body: list[bytes]) -> int:
        told: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            piece = body.pop(0) if body else b""
            return {"type": "http.request", "body": piece, "more_body": bool(body)}

        async def send(message: Any) -> None:
            told.append(message)

        headers = [
            (key.encode("latin-1"), value.encode("latin-1")) for key, value in sent.headers.items()
        ]
        scope = {"type": "http", "method": "POST", "path": PREFIX + name, "headers": headers}
        await self._webhook(scope, receive, send)
        start, end = told
        assert len(end["body"]) < MOST_BODY
        return int(start["status"])


def _says_the_same(name: str, sent: Sent, sound: Sent) -> bool:
    """Whether a service signs the two alike: no other headers, and by Twilio no seams."""
    if name == "twilio":
        return _signed_text(sent) == _signed_text(sound)
    return sent.body == sound.body


def _signed_text(sent: Sent) -> str:
    """What Twilio signs of a body: it does not say where a name ends and its value begins."""
    fields = set(parse_qsl(sent.body.decode("utf-8", "replace"), keep_blank_values=True))
    return "".join(map("".join, sorted(fields)))
