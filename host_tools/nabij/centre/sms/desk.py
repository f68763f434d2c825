"""What a person sets of SMS, beside a running receiver or without one."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import sqlalchemy as sa

from nabij.centre import asking
from nabij.centre.asking import Kind
from nabij.centre.people import audit
from nabij.centre.recurring import Job
from nabij.centre.sms import settings
from nabij.centre.store import Store
from nabij.errors import NabijError
from nabij.paths import StatePaths

Result = TypeVar("Result")


def read(state: Path, work: Callable[[sa.Connection], Result]) -> Result:
    """What `work` reads of the database, whether a receiver runs or not."""
    return asking.read(asking.paths_of(state), work)


def keep_service(
    state: Path, name: str, url: str, secret: str, send: str | None, by: str = ""
) -> None:
    """Have a service post here; UsageError that names what is wrong with it."""
    settings.check_service(name, url, secret, send)
    values = {"service": name, "url": url, "secret": secret, "send": send}
    _ask(state, values, by, lambda one: settings.read(one).services.get(name) is not None)


def drop_service(state: Path, name: str, by: str = "") -> None:
    """Take no more from a service."""
    _ask(state, {"drop": name}, by, lambda one: name not in settings.read(one).services)


def keep_pin(state: Path, pin: str | None, by: str = "") -> None:
    """The PIN of the SIM in the modem; None for none."""
    _ask(state, {"pin": pin}, by, lambda one: settings.read(one).pin == pin)


def keep_number(state: Path, badge: str, number: str | None, by: str = "") -> None:
    """The number of the SIM in a badge; None for none."""
    if number is not None:
        settings.check_number(number)
    values = {"badge": badge, "number": number}
    _ask(state, values, by, lambda one: settings.numbers(one).get(badge) == number)


def requests_job(paths: StatePaths, store: Store, say: Callable[[str], None]) -> Job:
    """What has to recur at a receiver to take in what people set."""
    what = "Settings of SMS"
    return asking.intake_job(REQUESTS, paths, store, say, name="nabij-sms-settings", what=what)


def _ask(
    state: Path, values: dict[str, Any], by: str, is_done: Callable[[sa.Connection], bool]
) -> None:
    paths = asking.paths_of(state)
    at_ms = time.time_ns() // 1_000_000
    if not asking.ask_for(REQUESTS, paths, {**values, "by": by, "at_ms": at_ms}):
        return
    if not asking.read(paths, is_done):
        raise NabijError("The receiver refused that, and says why where it runs.")


def _do(connection: sa.Connection, values: dict[str, Any]) -> None:
    at_ms, by = int(values["at_ms"]), str(values["by"])
    if "service" in values:
        name, send = str(values["service"]), values["send"]
        send = None if send is None else str(send)
        settings.keep_service(connection, name, str(values["url"]), str(values["secret"]), send)
        audit.add(connection, at_ms, by, "changed a service of SMS", detail=name)
    elif "drop" in values:
        name = str(values["drop"])
        settings.drop_service(connection, name)
        audit.add(connection, at_ms, by, "took out a service of SMS", detail=name)
    elif "pin" in values:
        pin = values["pin"]
        settings.keep_pin(connection, None if pin is None else str(pin))
        audit.add(connection, at_ms, by, "changed the PIN of the modem")
    else:
        badge, number = str(values["badge"]), values["number"]
        settings.keep_number(connection, badge, None if number is None else str(number))
        audit.add(connection, at_ms, by, "changed the number of a badge", detail=badge)


REQUESTS: Final = Kind(lambda paths: paths.sms_requests, _do, "Settings of SMS were refused.")
