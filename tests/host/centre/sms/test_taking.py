"""A text message to the intake: what became of it, also when the database takes its time."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from nabij.centre.incidents.by_sms import Arrival
from nabij.centre.link.incoming import Incoming, Outcome
from nabij.centre.sms.forms import Text
from nabij.centre.sms.taking import Taken, Taking
from tests.host.centre.deadline_world import START_MS
from tests.host.centre.sms.house import House, text


def came(words: str, number: str = "1") -> Text:
    return Text(words, Arrival("modem", number, "+31612345678", START_MS))


def test_a_loop_and_a_thread_hear_what_became_of_each(house: House) -> None:
    async def both() -> list[Taken]:
        loop = asyncio.get_running_loop()
        taking = Taking(house.bring, loop)
        found = [await taking.take(came(one, one)) for one in (text(1), text(2)[:-1], "Hello")]
        with ThreadPoolExecutor() as pool:
            again = loop.run_in_executor(pool, taking.take_blocking, came(text(3), "3"))
            found.append(await again)
        assert taking.counts[Taken.KEPT] == 2
        assert taking.last_ms is not None
        return found

    assert asyncio.run(both()) == [Taken.KEPT, Taken.REFUSED, Taken.FOREIGN, Taken.KEPT]
    assert len(house.incidents()) == 2


def test_one_that_is_not_kept_in_time_is_to_come_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is done all the same: then it is there already."""
    monkeypatch.setattr("nabij.centre.sms.taking.MOST_S", 0.05)
    may_go_on = asyncio.Event()

    async def slow(messages: Sequence[Incoming]) -> list[Outcome]:
        await may_go_on.wait()
        return await house.bring(messages)

    async def late() -> tuple[Taken, Taken]:
        taking = Taking(slow, asyncio.get_running_loop())
        first = await taking.take(came(text()))
        may_go_on.set()
        return first, await taking.take(came(text()))

    assert asyncio.run(late()) == (Taken.NOT_NOW, Taken.KEPT)
    assert len(house.incidents()) == len(house.came()) == 1


def test_a_receiver_that_has_ended_takes_nothing(house: House) -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    taking = Taking(house.bring, loop)
    assert taking.take_blocking(came(text())) is Taken.NOT_NOW
