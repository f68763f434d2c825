"""What a person does with the register, beside a running receiver or without one."""

import base64
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import sqlalchemy as sa

from nabij.centre import asking
from nabij.centre.asking import Kind
from nabij.centre.people import audit
from nabij.centre.recurring import Job
from nabij.centre.store import Store
from nabij.centre.workforce import rows, sheets
from nabij.paths import StatePaths

Result = TypeVar("Result")


def read(state: Path, work: Callable[[sa.Connection], Result]) -> Result:
    """What `work` reads of the database, whether a receiver runs or not."""
    return asking.read(asking.paths_of(state), work)


def keep(state: Path, sheet: str, content: bytes, by: str = "") -> int:
    """Keep the rows of a file, all or none; how many. UsageError names the line of a mistake."""
    paths = asking.paths_of(state)
    given = sheets.read(sheet, content)
    # Where a mistake can be told to whoever made it.
    asking.read(paths, lambda one: rows.check(one, sheet, given))
    values = {"sheet": sheet, "content": base64.b64encode(content).decode(), "by": by}
    asking.ask_for(REQUESTS, paths, values | {"at_ms": time.time_ns() // 1_000_000})
    return len(given)


def _do(connection: sa.Connection, values: dict[str, Any]) -> None:
    sheet = str(values["sheet"])
    given = sheets.read(sheet, base64.b64decode(values["content"], validate=True))
    count = rows.keep(connection, sheet, given)
    what, by = f"changed the register's {sheet}", str(values.get("by", ""))
    audit.add(connection, int(values["at_ms"]), by, what, detail=f"{count} rows")


REQUESTS: Final = Kind(
    lambda paths: paths.workforce_requests, _do, "A sheet of the register was refused."
)


def sheets_job(paths: StatePaths, store: Store, say: Callable[[str], None]) -> Job:
    """What has to recur at a receiver."""
    return asking.intake_job(
        REQUESTS, paths, store, say, name="nabij-register", what="Sheets of the register"
    )
