"""What a person does with the register, beside a running receiver or without one."""

import asyncio
import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import sqlalchemy as sa

from nabij.centre import asking
from nabij.centre.recurring import Job
from nabij.centre.store import Store
from nabij.centre.workforce import rows, sheets
from nabij.errors import UsageError
from nabij.paths import StatePaths, read_file

_SUFFIX: Final = ".json"
LOOK_S: Final = 1.0
# A year of 500 workers has 8 MB.
MOST_BYTES: Final = 64 << 20
Result = TypeVar("Result")


def read(state: Path, work: Callable[[sa.Connection], Result]) -> Result:
    """What `work` reads of the database, whether a receiver runs or not."""
    return asking.read(asking.paths_of(state), work)


def keep(state: Path, sheet: str, content: bytes) -> int:
    """Keep the rows of a file, all or none; how many. UsageError names the line of a mistake."""
    paths = asking.paths_of(state)
    given = sheets.read(sheet, content)
    # Where a mistake can be told to whoever made it.
    asking.read(paths, lambda one: rows.check(one, sheet, given))
    name = f"{asking.request_name()}{_SUFFIX}"
    values = {"sheet": sheet, "content": base64.b64encode(content).decode()}
    asked = asking.Request(
        paths.workforce_requests / name,
        json.dumps(values).encode(),
        lambda store: store.write(lambda one: rows.keep(one, sheet, given)),
        lambda store: take_in(paths, store, lambda _sentence: None),
    )
    asking.ask(paths, asked)
    return len(given)


def take_in(paths: StatePaths, store: Store, say: Callable[[str], None]) -> None:
    """For the receiver: take the waiting sheets into the database, oldest first."""
    for file in sorted(paths.workforce_requests.glob(f"*{_SUFFIX}")):
        content = read_file(file, "the request", "ask for it again", most=MOST_BYTES)
        try:
            values: dict[str, Any] = json.loads(content)
            sheet = str(values["sheet"])
            given = sheets.read(sheet, base64.b64decode(values["content"], validate=True))
            store.write(lambda one, s=sheet, g=given: rows.keep(one, s, g))  # type: ignore[misc]
        except (ValueError, TypeError, KeyError):
            say(f"{file.name} in {paths.workforce_requests} is no request of nabij: removed.")
        except UsageError as error:
            say(f"A sheet of the register was refused. {error.sentence}")
        file.unlink(missing_ok=True)


def sheets_job(paths: StatePaths, store: Store, say: Callable[[str], None]) -> Job:
    """What has to recur at a receiver."""

    async def look() -> None:
        await asyncio.to_thread(take_in, paths, store, say)

    return Job(
        "nabij-register",
        LOOK_S,
        look,
        "Sheets of the register wait",
        "Sheets of the register are taken in again.",
    )
