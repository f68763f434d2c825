"""Many pages that ask at once have the queue made once, and never an old one."""

import asyncio

from nabij.centre.console.kept_answers import KeptQueues
from nabij.centre.console.models import Queue


class Made:
    """Each queue has the number of its making."""

    def __init__(self) -> None:
        self.version = 0
        self.count = 0
        self.queues = KeptQueues(lambda: self.version)

    async def make(self) -> Queue:
        self.count += 1
        number = self.count
        await asyncio.sleep(0.01)
        return Queue(0, number, [])

    async def get(self, *teams: int) -> int:
        return (await self.queues.get(frozenset(teams) or None, self.make)).event


def test_pages_that_ask_at_once_share_what_is_made() -> None:
    async def ask() -> None:
        made = Made()
        assert await asyncio.gather(*[made.get() for _ in range(49)]) == [1] * 49
        made.version += 1
        assert await asyncio.gather(*[made.get() for _ in range(49)]) == [2] * 49

    asyncio.run(ask())


def test_other_teams_never_get_what_was_made_for_these() -> None:
    async def ask() -> None:
        made = Made()
        assert [await made.get(), await made.get(1), await made.get(2), await made.get(1)] == [
            1,
            2,
            3,
            2,
        ]

    asyncio.run(ask())


def test_what_changes_while_it_is_made_is_not_missed() -> None:
    async def ask() -> None:
        made = Made()
        first = asyncio.create_task(made.get())
        await asyncio.sleep(0)
        made.version += 1
        assert await first == 1
        assert await made.get() == 2

    asyncio.run(ask())
