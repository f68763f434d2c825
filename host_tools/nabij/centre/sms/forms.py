"""The one table of services that bring text messages: how each signs, and where it writes what."""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

from nabij.centre.incidents.by_sms import Arrival
from nabij.centre.sms import signatures
from nabij.centre.sms.signatures import Post

_LONGEST_ID: Final = 100
_LONGEST_SENDER: Final = 40
Verify = Callable[[Post, bytes, float], None]
Path = tuple[str, ...]


@dataclass(frozen=True)
class Form:
    """One service. Paths lead to a field of the body, or of the headers for `id_header`.

    `only` are what other fields must say for it to be a text message that came in; `sender` and
    `sent` may be missing. `answer` is what is said to one that was taken, with its media type.
    """

    verify: Verify
    parse: Callable[[bytes], Any]
    text: Path
    sender: Path
    message_id: Path = ()
    id_header: str = ""
    sent: Path = ()
    only: Mapping[Path, str] = field(default_factory=dict)
    answer: tuple[str, bytes] = ("text/plain", b"")


class NoMessageError(Exception):
    """Signed, and no text message that came in."""


@dataclass(frozen=True)
class Text:
    """What came, and from where."""

    text: str
    arrival: Arrival


def _form(body: bytes) -> Any:
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


FORMS: Final[Mapping[str, Form]] = {
    "twilio": Form(
        verify=signatures.twilio,
        parse=_form,
        text=("Body",),
        sender=("From",),
        message_id=("MessageSid",),
        # It reads an empty answer of any other type as one to send back.
        answer=("text/xml", b'<?xml version="1.0" encoding="UTF-8"?><Response/>'),
    ),
    "vonage": Form(
        verify=signatures.vonage,
        parse=json.loads,
        text=("text",),
        sender=("from",),
        message_id=("message_uuid",),
        sent=("timestamp",),
        only={("channel",): "sms", ("message_type",): "text"},
    ),
    "telnyx": Form(
        verify=signatures.telnyx,
        parse=json.loads,
        text=("data", "payload", "text"),
        sender=("data", "payload", "from", "phone_number"),
        message_id=("data", "payload", "id"),
        sent=("data", "payload", "received_at"),
        only={("data", "event_type"): "message.received"},
    ),
    # For any other: a program of a few lines that has what came signed and posted here.
    "standard": Form(
        verify=signatures.standard,
        parse=json.loads,
        text=("text",),
        sender=("from",),
        id_header="webhook-id",
        sent=("sent",),
    ),
}


def read(name: str, post: Post) -> Text:
    """The text message in a post that was verified; NoMessageError when there is none."""
    form = FORMS[name]
    try:
        body = form.parse(post.body)
    except (ValueError, RecursionError) as error:
        raise NoMessageError from error
    if any(_at(body, path) != wanted for path, wanted in form.only.items()):
        raise NoMessageError
    message_id = post.header(form.id_header) if form.id_header else _at(body, form.message_id)
    text = _at(body, form.text)
    if not isinstance(text, str) or not isinstance(message_id, str):
        raise NoMessageError
    if not 0 < len(message_id) <= _LONGEST_ID or not message_id.isprintable():
        raise NoMessageError
    sender = _at(body, form.sender)
    sender = sender if isinstance(sender, str) else ""
    sent_ms = _ms(_at(body, form.sent)) if form.sent else None
    return Text(text, Arrival(name, message_id, sender[:_LONGEST_SENDER], sent_ms))


def _at(body: Any, path: Path) -> Any:
    for name in path:
        if not isinstance(body, dict):
            return None
        body = body.get(name)
    return body


def _ms(given: Any) -> int | None:
    """An ISO 8601 time as ms since 1970 UTC; None when it is none."""
    if not isinstance(given, str):
        return None
    try:
        at = dt.datetime.fromisoformat(given.strip().replace(" UTC", "+00:00"))
    except ValueError:
        return None
    return round((at if at.tzinfo else at.replace(tzinfo=dt.UTC)).timestamp() * 1000)
