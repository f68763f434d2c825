"""`nabij serve` that stops at a named step of an alarm's way, for a test to kill something there.

A test arms a step by a file in the receiver's folder; who comes to it first takes the file, says
so, and waits until the test has done its worst. Nothing of it is in the product: the steps are
the ends of functions that are wrapped here.
"""

import contextlib
import os
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from nats.aio.msg import Msg

from nabij.centre.clocks import Clock, Moment
from nabij.centre.link.incoming import Incoming, Outcome
from nabij.centre.link.intake import Intake
from nabij.centre.link.replies import Replies
from nabij.centre.store import Store
from nabij.cli.app import app

# The broker handed it over, and nothing was done with it.
FETCHED: Final = "fetched"
# It is written, and the transaction is open.
WRITTEN: Final = "written"
# The database has it, and nobody was told.
COMMITTED: Final = "committed"
# Its badge has been told, and the broker has no acknowledgement.
TOLD: Final = "told"
# The broker is told that too.
ACKNOWLEDGED: Final = "acknowledged"
STEPS: Final = (FETCHED, WRITTEN, COMMITTED, TOLD, ACKNOWLEDGED)

NABIJ: Final = [sys.executable, "-c", "from tests.host.centre.steps import serve; serve()"]
_FOLDER: Final = "NABIJ_TEST_STEPS"
_AHEAD_S: Final = "NABIJ_TEST_AHEAD_S"
_MOST_S: Final = 30.0


def arm(folder: Path, step: str) -> None:
    """Have whoever comes to that step next stop there."""
    (folder / f"armed-{step}").touch()


def reached(folder: Path, step: str) -> int | None:
    """The process that stopped there."""
    with contextlib.suppress(FileNotFoundError, ValueError):
        return int((folder / f"at-{step}").read_text())
    return None


def go_on(folder: Path, step: str) -> None:
    """Let it go on, if it lives."""
    (folder / f"at-{step}").unlink()


def environment(folder: Path, ahead_s: int = 0) -> dict[str, str]:
    """Of a receiver that stops there, and whose clock is so far ahead."""
    return {**os.environ, _FOLDER: str(folder), _AHEAD_S: str(ahead_s)}


def serve() -> None:
    """The command, with its steps wrapped."""
    _wrap(Path(os.environ[_FOLDER]))
    _set_clock(int(os.environ[_AHEAD_S]))
    app(prog_name="nabij")


def _pass(folder: Path, step: str) -> None:
    armed = folder / f"armed-{step}"
    try:
        # Of two that come there one has it.
        armed.unlink()
    except FileNotFoundError:
        return
    at = folder / f"at-{step}"
    new = folder / f"new-{step}"
    new.write_text(str(os.getpid()))
    new.rename(at)
    end_s = time.monotonic() + _MOST_S
    while at.exists() and time.monotonic() < end_s:
        time.sleep(0.005)


def _wrap(folder: Path) -> None:
    take_all, take, batch = Intake.take_all, Store.take, Store.batch
    send_all, ack = Replies.send_all, Msg.ack

    def fetched(self: Intake, messages: Sequence[Incoming]) -> list[Outcome]:
        if any(_is_of_badge(one.topic) for one in messages):
            _pass(folder, FETCHED)
        return take_all(self, messages)

    def written(self: Store, *arguments: Any) -> Any:
        taken = take(self, *arguments)
        _pass(folder, WRITTEN)
        return taken

    @contextlib.contextmanager
    def committed(self: Store, badges: Collection[str] = ()) -> Iterator[None]:
        with batch(self, badges):
            yield
        if badges:
            _pass(folder, COMMITTED)

    async def told(self: Replies, client: Any, outcomes: Sequence[Outcome]) -> list[bool]:
        sent = await send_all(self, client, outcomes)
        if any(_is_of_badge(topic) for one in outcomes for topic, _frame in one.replies):
            _pass(folder, TOLD)
        return sent

    async def acknowledged(self: Msg) -> None:
        await ack(self)
        if _is_of_badge(self.subject.replace(".", "/")):
            _pass(folder, ACKNOWLEDGED)

    # Each in place of what it calls.
    for owner, name, wrapped in (
        (Intake, "take_all", fetched),
        (Store, "take", written),
        (Store, "batch", committed),
        (Replies, "send_all", told),
        (Msg, "ack", acknowledged),
    ):
        setattr(owner, name, wrapped)


def _set_clock(ahead_s: int) -> None:
    now = Clock.now

    def ahead(self: Clock) -> Moment:
        moment = now(self)
        return replace(moment, wall_ms=moment.wall_ms + ahead_s * 1000)

    clock: Any = Clock
    clock.now = ahead


def _is_of_badge(topic: str) -> bool:
    return topic.startswith("nabij/") and not topic.startswith("nabij/_")
