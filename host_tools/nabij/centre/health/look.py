"""Finds out how the receiver is, and waits for nothing that may hang."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import sqlalchemy as sa

from badge.core.codec import wire
from nabij.centre.database import schema
from nabij.centre.health.status import Status
from nabij.centre.incidents import badge_clocks, by_sms, outages
from nabij.centre.incidents.words import QUIET
from nabij.centre.link import stream
from nabij.centre.link.door import LOST
from nabij.centre.link.link import Link
from nabij.centre.link.presence import Presence
from nabij.centre.store import Store
from nabij.centre.watch.probe import ProbeWatch
from nabij.centre.worker import Worker
from nabij.errors import NabijError
from nabij.version import this_version

# Of each part; one that does not answer is unknown.
PATIENCE_S: Final = 3.0
Result = TypeVar("Result")


@dataclass(frozen=True)
class Parts:
    """What is looked at. `disk()` and `troubles()` are sentences about what is the matter,
    `location()` is one about where people are outside alarms."""

    folder: Path
    store: Store
    worker: Worker
    link: Link
    presence: Presence
    probes: ProbeWatch
    disk: Callable[[], str]
    troubles: Callable[[], tuple[str, ...]]
    location: Callable[[], str] = str


async def look(parts: Parts) -> Status:
    """How the receiver is now."""
    connected = await _known(parts.presence.look())
    counts = await _known(parts.worker.run(lambda: parts.store.read(_counts)))
    clocks = await _known(parts.worker.run(lambda: parts.store.read(badge_clocks.sentence)))
    out = await _known(parts.worker.run(lambda: parts.store.read(outages.sentence)))
    sms_ms = await _known(parts.worker.run(lambda: parts.store.read(by_sms.last_ms)))
    disk = shutil.disk_usage(parts.folder)
    versions = {"nabij": this_version().name, "database": schema.REVISION}
    client = parts.link.client()
    if client is not None:
        found = client.connected_server_version
        versions["nats-server"] = f"{found.major}.{found.minor}.{found.patch}"
    on_shift, quiet, open_incidents = counts or (None, None, None)
    return Status(
        arrives=parts.probes.is_young(),
        probe=parts.probes.stage.value,
        probe_age_s=round(parts.probes.age_s(), 1),
        connected=None if connected is None else len(connected),
        on_shift=on_shift,
        quiet=quiet,
        open_incidents=open_incidents,
        backlog=None if client is None else await _known(stream.backlog(client)),
        disk_free_bytes=disk.free,
        disk_total_bytes=disk.total,
        disk=parts.disk(),
        troubles=(*parts.troubles(), *(one for one in (clocks, out) if one)),
        versions=versions,
        location=parts.location(),
        sms_ms=sms_ms,
    )


async def _known(work: Awaitable[Result]) -> Result | None:
    try:
        return await asyncio.wait_for(work, PATIENCE_S)
    except (NabijError, *LOST):
        return None


def _counts(connection: sa.Connection) -> tuple[int, int, int]:
    """Badges on shift, those of them that are quiet, and open incidents."""
    watch, incident = schema.watch.c, schema.incident.c
    is_open = incident.state != wire.STATUS_CLOSED
    on_shift = sa.select(sa.func.count()).where(watch.due_steady_ms.is_not(None))
    quiet = sa.select(sa.func.count()).where(is_open, incident.kind == QUIET)
    open_ = sa.select(sa.func.count()).where(is_open)
    found = [int(connection.execute(one).scalar_one()) for one in (on_shift, quiet, open_)]
    return found[0], found[1], found[2]
