"""What a person does about location outside alarms, beside a running receiver or without one."""

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from nabij.centre import asking
from nabij.centre.asking import Kind
from nabij.centre.database import kept_secrets, people_schema, schema
from nabij.centre.database.location_tables import sealed_position
from nabij.centre.keeper import ledger
from nabij.centre.location import consent, opening
from nabij.centre.location.consent import Switch, Wanted
from nabij.centre.recurring import Job
from nabij.centre.store import Store
from nabij.errors import UsageError
from nabij.paths import StatePaths

# What keeps the hash of a line of the keeper's log in the detail of a line of the audit.
_MARK: Final = "of the keeper's log, "


@dataclass(frozen=True)
class Shown:
    """How things stand; `keeper` is the key (hex) of the one that is trusted, empty for none."""

    switch: Switch
    names: tuple[str, ...]
    sealed: int
    keeper: str
    is_on: bool


@dataclass(frozen=True)
class Compared:
    """What the keeper opened against what the audit has: incidents of which only one knows."""

    opened: int
    untold: tuple[int, ...]
    unlogged: tuple[int, ...]


def note_consent(state: Path, wanted: Wanted, by: str) -> None:
    """Keep a consent in place of an earlier one; UsageError for what cannot be."""
    paths = asking.paths_of(state)
    now_ms = _now_ms()
    asking.read(paths, lambda one: consent.check(one, wanted, now_ms))
    values = {**asdict(wanted), "on": wanted.on.isoformat(), "until": wanted.until.isoformat()}
    asking.ask_for(REQUESTS, paths, {"do": "consent", "by": by, "at_ms": now_ms, **values})


def withdraw(state: Path, by: str) -> None:
    """No consent holds any more; UsageError when none did."""
    paths = asking.paths_of(state)
    if asking.read(paths, consent.newest) is None:
        raise UsageError("There is no consent to withdraw: `nabij location show` says what holds.")
    asking.ask_for(REQUESTS, paths, {"do": "withdraw", "by": by, "at_ms": _now_ms()})


def trust(state: Path, by: str) -> None:
    """Trust the next keeper in place of the one of now."""
    paths = asking.paths_of(state)
    asking.ask_for(REQUESTS, paths, {"do": "trust", "by": by, "at_ms": _now_ms()})


def show(state: Path) -> Shown:
    """How things stand."""
    return asking.read(asking.paths_of(state), _shown)


def compare(state: Path, log: bytes) -> Compared:
    """Hold the keeper's log against the audit; BrokenLogError for one that does not hold.

    Incidents that were removed, and lines of the audit that were erased, are left out.
    """
    opened = ledger.opened(ledger.read(log))
    told = asking.read(asking.paths_of(state), _told)
    untold = [
        number
        for number, chains in opened.items()
        if told.is_known(number) and not chains & told.chains
    ]
    logged = {chain for chains in opened.values() for chain in chains}
    unlogged = [number for number, chain in told.lines if chain not in logged]
    return Compared(len(opened), tuple(sorted(untold)), tuple(sorted(unlogged)))


@dataclass(frozen=True)
class _Told:
    """(incident, hash) of each opening in the audit, and which incidents there are."""

    lines: tuple[tuple[int, str], ...]
    incidents: frozenset[int]

    @property
    def chains(self) -> set[str]:
        return {chain for _, chain in self.lines}

    def is_known(self, incident: int) -> bool:
        return incident in self.incidents


def _told(connection: sa.Connection) -> _Told:
    line = people_schema.audit.c
    rows = connection.execute(
        sa.select(line.incident_id, line.detail).where(line.what == opening.OPENED)
    )
    found = [
        (row.incident_id, row.detail.partition(_MARK)[2]) for row in rows if _MARK in row.detail
    ]
    incidents = connection.execute(sa.select(schema.incident.c.id)).scalars()
    return _Told(tuple(found), frozenset(incidents))


def _shown(connection: sa.Connection) -> Shown:
    switch = consent.switch(connection)
    names: list[str] = []
    if switch.consent is not None:
        for table, ids in (
            (people_schema.team, switch.consent.teams),
            (people_schema.site, switch.consent.sites),
        ):
            of = sa.select(table.c.name).where(table.c.id.in_(ids)).order_by(table.c.name)
            names += connection.execute(of).scalars()
    count = sa.select(sa.func.count()).select_from(sealed_position)
    keeper = kept_secrets.find(connection, kept_secrets.KEEPER)
    return Shown(
        switch=switch,
        names=tuple(names),
        sealed=int(connection.execute(count).scalar_one()),
        keeper="" if keeper is None else keeper.hex(),
        is_on=switch.is_on(_now_ms()),
    )


def _do(connection: sa.Connection, values: dict[str, Any]) -> None:
    what, by, at_ms = values["do"], str(values["by"]), int(values["at_ms"])
    if what == "consent":
        wanted = Wanted(
            council=str(values["council"]),
            reference=str(values["reference"]),
            on=dt.date.fromisoformat(values["on"]),
            until=dt.date.fromisoformat(values["until"]),
            teams=tuple(map(str, values["teams"])),
            sites=tuple(map(str, values["sites"])),
        )
        consent.note(connection, wanted, at_ms, by)
    elif what == "withdraw":
        consent.withdraw(connection, at_ms, by)
    elif what == "trust":
        opening.forget(connection, at_ms, by)
    else:
        raise ValueError(what)


REQUESTS: Final = Kind(
    lambda paths: paths.location_requests,
    _do,
    "A request about location outside alarms was refused.",
)


def requests_job(
    paths: StatePaths, store: Store, say: Callable[[str], None], done: Callable[[], None]
) -> Job:
    """What has to recur at a receiver; `done` is called when something was taken in."""
    job = asking.intake_job(
        REQUESTS,
        paths,
        store,
        say,
        name="nabij-location-requests",
        what="Requests about location outside alarms",
    )

    async def work() -> None:
        waits = any(REQUESTS.folder(paths).glob("*.json"))
        await job.work()
        if waits:
            done()

    return Job(job.name, job.every_s, work, job.failing, job.works_again)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
