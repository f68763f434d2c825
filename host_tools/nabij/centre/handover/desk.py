"""What a person does with alarm centres, beside a running receiver or without one."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import sqlalchemy as sa

from nabij.centre import asking
from nabij.centre.asking import Kind
from nabij.centre.database import schema
from nabij.centre.handover import arcs, messages, rows
from nabij.centre.handover.arcs import Arc
from nabij.centre.handover.frame import SIA_DCS
from nabij.centre.handover.rows import Row
from nabij.centre.people import audit
from nabij.errors import NabijError, UsageError

_SUFFIX: Final = ".json"
_SHOWN: Final = 20
Result = TypeVar("Result")


def read(state: Path, work: Callable[[sa.Connection], Result]) -> Result:
    """What `work` reads of the database, whether a receiver runs or not."""
    return asking.read(asking.paths_of(state), work)


def parsed(state: Path, text: str) -> list[Arc]:
    """The centres of a file; UsageError that names what is wrong with it."""
    return arcs.read(text, read(state, _keys))


def findings(connection: sa.Connection, wanted: list[Arc]) -> list[str]:
    """What is odd about these centres."""

    in_use = sa.select(schema.badge.c.badge).where(schema.badge.c.revoked_ms.is_(None))
    badges = set(connection.execute(in_use).scalars())
    told = {badge: arc.name for arc in wanted for badge in arc.badges}
    found = [
        f"Badge {badge} of arc {name} is not enrolled: see `nabij enrol`."
        for badge, name in told.items()
        if badge not in badges
    ]
    if wanted:
        found += [
            f"Badge {badge} is of no arc: nobody outside hears of it."
            for badge in sorted(badges - told.keys())
        ]
    for arc in wanted:
        if len(arc.addresses) == 1:
            found.append(f"arc {arc.name} has no back-up address: add one.")
        if not arc.key:
            found.append(f"arc {arc.name} has no key: names go in clear text, unless by a tunnel.")
        if arc.link and not arc.key:
            found.append(
                f"arc {arc.name} has links and no key: who reads along opens incidents, unless by "
                "a tunnel."
            )
        if arc.link and arc.protocol != SIA_DCS:
            found.append(f"arc {arc.name} gets no links: Contact ID has no place for them.")
        if not arc.supervision_s:
            found.append(f"arc {arc.name} has no supervision: it sees no path that has gone.")
    return found


def keep(state: Path, text: str, by: str = "", wait_s: float = asking.WAIT_S) -> list[Arc]:
    """Keep the centres of a file in place of all others; UsageError that names what is wrong."""
    wanted = parsed(state, text)
    values = {"arcs": text, "at_ms": _now_ms(), "by": by}
    asking.ask_for(REQUESTS, asking.paths_of(state), values, wait_s=wait_s)
    if read(state, rows.read_arcs) != wanted:
        raise NabijError("The receiver refused the centres, and says why where it runs.")
    return wanted


def begin_test(state: Path, name: str, by: str, wait_s: float = asking.WAIT_S) -> int:
    """Have a running receiver send a test to a centre; the id of its row."""
    paths = asking.paths_of(state)
    if name not in {arc.name for arc in read(state, rows.read_arcs)}:
        raise UsageError(f"There is no arc {name}: `nabij handover show` lists those there are.")
    if not asking.is_served(paths):
        raise NabijError("No receiver runs on this state folder: start `nabij serve` first.")
    before = _last_test(read(state, _newest), name)
    values = {"test": name, "by": by, "at_ms": _now_ms()}
    asking.ask_for(REQUESTS, paths, values, wait_s=wait_s)
    found = _last_test(read(state, _newest), name)
    if found is None or found == before:
        raise NabijError("The receiver refused the test, and says why where it runs: ask again.")
    return found


def _do(connection: sa.Connection, values: dict[str, Any]) -> None:
    at_ms, by = int(values["at_ms"]), str(values.get("by", ""))
    if "test" not in values:
        wanted = arcs.read(str(values["arcs"]), _keys(connection))
        rows.replace_arcs(connection, wanted, at_ms)
        detail = ", ".join(arc.name for arc in wanted)
        audit.add(connection, at_ms, by, "changed alarm centres", detail=detail)
        return
    known = {arc.name: arc for arc in rows.read_arcs(connection)}
    arc = known.get(str(values["test"]))
    if arc is None:
        raise UsageError(f"There is no arc {values['test']}: name another one.")
    rows.add(connection, arc, messages.test_message(arc, at_ms, by), at_ms)


REQUESTS: Final = Kind(lambda paths: paths.handover_requests, _do, "Alarm centres were refused.")


def _keys(connection: sa.Connection) -> dict[str, bytes]:
    return {arc.name: arc.key for arc in rows.read_arcs(connection)}


def _newest(connection: sa.Connection) -> list[Row]:
    return rows.newest(connection, _SHOWN)


def _last_test(found: list[Row], arc: str) -> int | None:
    ids = [row.id for row in found if row.arc == arc and row.message.what is rows.What.TEST]
    return max(ids, default=None)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
