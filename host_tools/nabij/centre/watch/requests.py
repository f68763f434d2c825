"""What people at the centre ask of the receiver: taken in once, and told to the badges.

The database has one owner. Beside a running receiver a request waits as a file in the state folder
until the receiver has committed it; a crash in between only brings the same file again.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Final

from nabij.centre.incidents.handling import Action, ActionRefusedError, Owed, action_from_json
from nabij.centre.recurring import Job
from nabij.centre.store import Store
from nabij.centre.worker import Worker
from nabij.errors import UsageError
from nabij.paths import StatePaths, read_file

POLL_S: Final = 0.25
_SUFFIX: Final = ".json"


def file_of(paths: StatePaths, action: Action) -> Path:
    """Where the action waits for a running receiver to take it in."""
    return paths.requests / f"{action.request}{_SUFFIX}"


def take_in_requests(
    paths: StatePaths, store: Store, say: Callable[[str], None]
) -> tuple[int, ...]:
    """Take the waiting requests into the database, oldest first; the ids of the news.

    `say` gets a sentence about each that cannot be. StoreError leaves the file for the next time.
    """
    news = []
    for file in sorted(paths.requests.glob(f"*{_SUFFIX}")):
        try:
            action = action_from_json(read_file(file, "the request", "ask for it again"))
        except (ValueError, KeyError, TypeError):
            file.replace(file.with_suffix(".bad"))
            say(f"{file.name} in {paths.requests} is no request of nabij: it was set aside.")
            continue
        try:
            news_id = store.take_action(action)
        except (ActionRefusedError, UsageError) as error:
            say(f"A request of {action.by or 'somebody'} was refused. {error.sentence}")
        else:
            news += [] if news_id is None else [news_id]
        file.unlink(missing_ok=True)
    return tuple(news)


class RequestWatch:
    """Takes requests in and tells badges what they led to.

    `tell` gets the ids of the news, on the worker's thread; `send` publishes a status and is true
    once the broker has it; until then it is tried again, also after a restart. Of several
    receivers that one tells to which `is_ours` says so.
    """

    def __init__(
        self,
        paths: StatePaths,
        store: Store,
        worker: Worker,
        *,
        tell: Callable[[tuple[int, ...]], None],
        send: Callable[[Owed], Awaitable[bool]],
        say: Callable[[str], None],
        is_ours: Callable[[], bool] = lambda: True,
    ) -> None:
        self._is_ours = is_ours
        self._paths = paths
        self._store = store
        self._worker = worker
        self._tell = tell
        self._send = send
        self._say = say

    def job(self) -> Job:
        """What has to recur."""
        return Job(
            "nabij-requests", POLL_S, self.look, "Requests wait", "Requests are taken in again."
        )

    async def look(self) -> None:
        """One round, of which there are four a second."""
        run = self._worker.run
        news = await run(lambda: take_in_requests(self._paths, self._store, self._say))
        try:
            for owed in await run(self._store.owed) if self._is_ours() else ():
                if not await self._send(owed):
                    break
                await run(partial(self._store.paid, owed))
        finally:
            await run(lambda: self._tell(news))
