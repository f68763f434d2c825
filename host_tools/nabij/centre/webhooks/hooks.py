"""Webhooks as rows: where all that happens is posted to, each under a secret of its own.

Each function works inside the transaction of its caller.
"""

import base64
import re
import secrets
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import sqlalchemy as sa

from nabij.centre.database import events, schema
from nabij.centre.database.webhook_table import SECRET_BYTES, webhook
from nabij.errors import UsageError

MOST: Final = 10
LONGEST_URL: Final = 1000
_LONGEST_NAME: Final = 100
_LONGEST_SAID: Final = 200
_LOOPBACK: Final = re.compile(r"localhost|127(\.\d+){3}|::1")


@dataclass(frozen=True)
class Hook:
    """One of them; `failing_ms` is since when it is not taken, None while it is."""

    id: int
    name: str
    url: str = field(repr=False)
    secret: bytes = field(repr=False)
    disabled: bool
    failing_ms: int | None
    said: str

    @property
    def listener(self) -> str:
        """Its name among the listeners; an id is never given twice."""
        return f"webhook {self.id}"

    @property
    def host(self) -> str:
        """What may be shown of the address."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname}"


def add(connection: sa.Connection, name: str, url: str) -> Hook:
    """A new one with a secret of its own; UsageError for what cannot be."""
    name = " ".join(name.split())
    if not 0 < len(name) <= _LONGEST_NAME:
        raise UsageError(f"Give the webhook a name of 1 to {_LONGEST_NAME} characters.")
    _check_url(url)
    there = all_of(connection)
    if len(there) >= MOST:
        raise UsageError(f"There are {MOST} webhooks, which is the most: remove one first.")
    if name in [one.name for one in there]:
        raise UsageError(f"There is a webhook {name} already: choose another name.")
    values = {"name": name, "url": url, "secret": secrets.token_bytes(SECRET_BYTES)}
    row = connection.execute(webhook.insert().values(values).returning(webhook)).mappings().one()
    return Hook(**row)


def all_of(connection: sa.Connection) -> list[Hook]:
    """All, in the order in which they were made."""
    rows = connection.execute(sa.select(webhook).order_by(webhook.c.id)).mappings()
    return [Hook(**row) for row in rows]


def disable(connection: sa.Connection, hook_id: int, *, disabled: bool) -> Hook:
    """Post nothing there, or again, from then on; UsageError when there is none."""
    values = {"disabled": disabled, "failing_ms": None, "said": ""}
    mine = webhook.update().where(webhook.c.id == hook_id).values(values).returning(webhook)
    row = connection.execute(mine).mappings().one_or_none()
    if row is None:
        raise _no_hook(hook_id)
    hook = Hook(**row)
    if disabled:
        events.end(connection, hook.listener)
    return hook


def remove(connection: sa.Connection, hook_id: int) -> Hook:
    """There is no such webhook any more; UsageError when there was none."""
    mine = webhook.delete().where(webhook.c.id == hook_id).returning(webhook)
    row = connection.execute(mine).mappings().one_or_none()
    if row is None:
        raise _no_hook(hook_id)
    hook = Hook(**row)
    events.end(connection, hook.listener)
    return hook


def is_failing(connection: sa.Connection, hook_id: int, now_ms: int, said: str) -> None:
    """It was not taken, and that is what was said; since when stays."""
    failing_ms = sa.func.coalesce(webhook.c.failing_ms, now_ms)
    values = {"failing_ms": failing_ms, "said": said[:_LONGEST_SAID]}
    connection.execute(webhook.update().where(webhook.c.id == hook_id).values(values))


def is_well(connection: sa.Connection, hook_id: int) -> None:
    """It is taken again."""
    values = {"failing_ms": None, "said": ""}
    connection.execute(webhook.update().where(webhook.c.id == hook_id).values(values))


def behind(connection: sa.Connection, hook: Hook) -> int:
    """How many events it was not told of yet; 0 of one that is disabled."""
    told = sa.select(schema.listener.c.told_id).where(schema.listener.c.name == hook.listener)
    told_id = connection.execute(told).scalar_one_or_none()
    if told_id is None:
        return 0
    later = sa.select(sa.func.count()).where(schema.event.c.id > told_id)
    return int(connection.execute(later).scalar_one())


def shown_secret(hook: Hook) -> str:
    """The secret as programs for Standard Webhooks take it."""
    return f"whsec_{base64.b64encode(hook.secret).decode()}"


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    is_plain = url.isascii() and url.isprintable() and " " not in url
    if not host or not is_plain or len(url) > LONGEST_URL or parts.username is not None:
        raise UsageError("That is no address for a webhook: give one as https://host/path.")
    is_here = _LOOPBACK.fullmatch(host) is not None
    if parts.scheme != "https" and not (parts.scheme == "http" and is_here):
        raise UsageError(
            "What is posted names people: give a webhook an https address, or one of this machine."
        )


def _no_hook(hook_id: int) -> UsageError:
    return UsageError(f"There is no webhook {hook_id}: look at the list again.")
