"""Plans looked over once a day and after each change, in a process of its own: calling people
never waits for it."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import Process
from pathlib import Path
from typing import Final

from nabij.centre import beside
from nabij.centre.escalation import desk, plan_look, plan_rows
from nabij.centre.escalation.runner import Uses
from nabij.centre.recurring import Job
from nabij.errors import NabijError
from nabij.paths import StatePaths

LOOK_S: Final = 5.0
_DAY_MS: Final = 86_400_000
# So many people and plans are no reason to take a core for longer.
LIMIT_S: Final = 120.0
# Alarms go first.
_NICE: Final = 10


class DailyLook:
    """Says what is wrong with the plans that are kept: daily, and after each change."""

    def __init__(self, uses: Uses, paths: StatePaths, limit_s: float = LIMIT_S) -> None:
        self._uses = uses
        self._paths = paths
        self._limit_s = limit_s
        self._looked_ms: int | None = None
        self._process: Process | None = None

    def job(self) -> Job:
        """What has to recur."""
        return Job(
            "nabij-plan-look",
            LOOK_S,
            self.look,
            "Plans are not looked over",
            "Plans are looked over again.",
        )

    async def look(self) -> None:
        """Look them over, unless that was done within a day and nothing changed since."""
        now_ms = self._uses.clock.now().wall_ms
        run, store = self._uses.worker.run, self._uses.store
        before = await run(lambda: store.read(plan_look.read))
        is_late = self._looked_ms is None or abs(now_ms - self._looked_ms) >= _DAY_MS
        if before.is_current and not is_late:
            return
        self._looked_ms = now_ms
        found: list[str] = []
        if await run(lambda: store.read(plan_rows.is_any)):
            found = await self._found()
        await run(
            lambda: store.write(lambda one: plan_look.looked(one, before.changes, now_ms, found))
        )
        for sentence in found:
            self._uses.say(f"PLAN OF ESCALATION: {sentence}")

    async def stop(self) -> None:
        """End what is being looked over."""
        if self._process is not None:
            await self._end(self._process)

    async def _found(self) -> list[str]:
        process = self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", __name__, str(self._paths.root), str(self._limit_s)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(self._limit_s):
                output, _ = await process.communicate()
        except TimeoutError:
            late = f"They were not looked over within {self._limit_s:g} s: "
            return [f"{late}`nabij plan check` takes the time that it needs."]
        finally:
            await self._end(process)
            self._process = None
        try:
            return [str(one) for one in json.loads(output)]
        except ValueError as error:
            raise NabijError(
                "The plans could not be looked over: see what `nabij plan check` says."
            ) from error

    @staticmethod
    async def _end(process: Process) -> None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def main() -> None:
    """What DailyLook starts: a state folder and seconds, to the sentences as JSON."""
    root, limit_s = sys.argv[1:]
    # Should nobody be left to kill it.
    signal.alarm(int(float(limit_s)) + 5)
    os.nice(_NICE)
    found = beside.read(StatePaths(Path(root)), desk.findings)
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
