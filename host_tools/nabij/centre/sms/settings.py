"""Services, numbers of badges and secrets, as they are kept; checked when they are given.

Each function works inside the transaction of its caller and leaves committing to it.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import sqlalchemy as sa

from nabij.centre.database import kept_secrets, schema
from nabij.centre.database import sms_tables as tables
from nabij.centre.database.statements import upsert
from nabij.centre.sms import signatures
from nabij.centre.sms.forms import FORMS
from nabij.errors import UsageError

# Of the receiver's own modem, which is no service that posts.
MODEM: Final = "modem"
# In the address by which apprise sends, where the number goes.
TO: Final = "{to}"
_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_PIN: Final = re.compile(r"[0-9]{4,8}")
_SHORTEST_SECRET: Final = 16


@dataclass(frozen=True)
class Service:
    """One that posts: the secret that verifies it, and how it sends, where it does."""

    name: str
    url: str
    secret: bytes = field(repr=False)
    send: str | None = field(repr=False, default=None)


@dataclass(frozen=True)
class Settings:
    """All that is set: services by name, and the PIN of the modem's SIM."""

    services: Mapping[str, Service]
    pin: str | None = field(repr=False, default=None)


def read(connection: sa.Connection) -> Settings:
    """What is kept; a service without its secret is none."""
    services = {}
    for row in connection.execute(sa.select(tables.service)).mappings():
        name = str(row["name"])
        secret = kept_secrets.find(connection, _verifies(name))
        send = kept_secrets.find(connection, _sends(name))
        if name in FORMS and secret is not None:
            how = None if send is None else send.decode()
            services[name] = Service(name, str(row["url"]), secret, how)
    pin = kept_secrets.find(connection, _PIN_NAME)
    return Settings(services, None if pin is None else pin.decode())


def keep_service(
    connection: sa.Connection, name: str, url: str, secret: str, send: str | None
) -> None:
    """Have a service post here, or change what is kept of it."""
    check_service(name, url, secret, send)
    connection.execute(upsert(tables.service, {"name": name}, {"url": url}))
    kept_secrets.replace(connection, _verifies(name), secret.encode())
    kept_secrets.replace(connection, _sends(name), None if send is None else send.encode())


def drop_service(connection: sa.Connection, name: str) -> None:
    """Take no more from it; UsageError when there is none."""
    mine = tables.service.delete().where(tables.service.c.name == name)
    if not connection.execute(mine).rowcount:
        raise UsageError(f"No service {name} is set: `nabij sms show` lists those there are.")
    for secret in (_verifies(name), _sends(name)):
        kept_secrets.replace(connection, secret, None)


def keep_pin(connection: sa.Connection, pin: str | None) -> None:
    """The PIN of the SIM in the modem; None for a SIM that asks for none."""
    if pin is not None and not _PIN.fullmatch(pin):
        raise UsageError("A PIN has 4 to 8 digits: copy it from the SIM's papers.")
    kept_secrets.replace(connection, _PIN_NAME, None if pin is None else pin.encode())


def numbers(connection: sa.Connection) -> dict[str, str]:
    """The number of each badge that has one."""
    found = connection.execute(sa.select(tables.number).order_by(tables.number.c.badge))
    return {row.badge: row.number for row in found}


def number_of(connection: sa.Connection, badge: str) -> str | None:
    """The number of a badge that is in use; None for any other."""
    statement = (
        sa.select(tables.number.c.number)
        .join(schema.badge, schema.badge.c.badge == tables.number.c.badge)
        .where(tables.number.c.badge == badge, schema.badge.c.revoked_ms.is_(None))
    )
    found = connection.execute(statement).scalar_one_or_none()
    return None if found is None else str(found)


def keep_number(connection: sa.Connection, badge: str, number: str | None) -> None:
    """The number of the SIM in a badge, None for none; UsageError for what cannot be."""
    known = sa.select(schema.badge.c.badge).where(
        schema.badge.c.badge == badge, schema.badge.c.revoked_ms.is_(None), schema.IS_BADGE
    )
    if connection.execute(known).first() is None:
        raise UsageError(f"No badge {badge} is enrolled: see `nabij enrol`.")
    if number is None:
        connection.execute(tables.number.delete().where(tables.number.c.badge == badge))
        return
    check_number(number)
    same = sa.select(tables.number.c.badge).where(tables.number.c.number == number)
    other = connection.execute(same).scalar_one_or_none()
    if other not in {None, badge}:
        raise UsageError(f"{number} is the number of badge {other}: a SIM is in one badge.")
    connection.execute(upsert(tables.number, {"badge": badge}, {"number": number}))


def check_number(number: str) -> None:
    """UsageError unless it is an international number."""
    if not _NUMBER.fullmatch(number):
        raise UsageError(
            f"'{number[:40]}' is no telephone number: give it with its country, as +31612345678."
        )


def check_service(name: str, url: str, secret: str, send: str | None) -> None:
    """UsageError that names what is wrong with it, without saying a secret."""
    if name not in FORMS:
        raise UsageError(f"'{name[:40]}' is no service here: give {', '.join(FORMS)}.")
    check_url(url)
    _check_secret(name, secret)
    if send is not None and TO not in send:
        raise UsageError(
            f"The address by which {name} sends has no {TO} in it, where the number goes."
        )


def check_url(url: str) -> None:
    """UsageError unless it can be the address that a service posts to."""
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError:
        parts = urlsplit("")
    is_plain = url.isascii() and url.isprintable() and " " not in url and "#" not in url
    if parts.scheme not in {"https", "http"} or not parts.hostname or not is_plain:
        raise UsageError(
            "Give the address as the service is told it, without what follows a #: as "
            "https://sms.example.org/sms/twilio."
        )


def _check_secret(name: str, secret: str) -> None:
    if name == "telnyx":
        try:
            is_one = len(base64.b64decode(secret, validate=True)) == 32
        except ValueError:
            is_one = False
        if not is_one:
            raise UsageError(
                "That is no public key of Telnyx, which has 44 characters of base64: copy it "
                "from their portal (Keys & Credentials, Public Key)."
            )
        return
    try:
        key = signatures.standard_key(secret.encode())
    except ValueError as error:
        raise UsageError("What follows whsec_ is no base64: copy the secret again.") from error
    if len(key) < _SHORTEST_SECRET:
        raise UsageError(
            f"A secret of fewer than {_SHORTEST_SECRET} characters can be guessed: give a longer "
            "one, as the service has it."
        )


def _verifies(name: str) -> str:
    return f"sms {name}"


def _sends(name: str) -> str:
    return f"sms {name} sends"


_PIN_NAME: Final = f"sms {MODEM} pin"
