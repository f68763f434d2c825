"""All listeners of a receiver: none holds up another, and what hangs is said."""

import asyncio
import threading

import pytest

from badge.core.alarm.kinds import SOS
from nabij.centre import listeners
from nabij.centre.incidents.news import News
from nabij.centre.listeners import Listeners
from nabij.errors import NabijError
from tests.host.centre.deadline_world import World, message
from tests.waiting import LONG_S, wait_until


def test_one_that_hangs_holds_up_no_other_and_is_named(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listeners, "HANGING_S", 0.0)
    said: list[str] = []
    heard: list[int] = []
    go_on, hangs = threading.Event(), threading.Event()

    def hang(_change: News) -> None:
        hangs.set()
        go_on.wait(LONG_S)

    all_of_them = Listeners(said.append)
    all_of_them.add("hangs", hang)
    all_of_them.add("hears", lambda change: heard.append(change.seq))
    all_of_them.start(world.store, 0)
    world.store.take(message(1, 1, kind=SOS), b"", world.clock.now())
    all_of_them.wake()
    wait_until(lambda: heard == [1])
    assert hangs.wait(LONG_S)
    with pytest.raises(NabijError, match=r"A LISTENER HAS NOT RETURNED .* \(hangs\)"):
        asyncio.run(_look(all_of_them))
    all_of_them.close(0)
    assert any("Listener hangs does not return and is left behind" in one for one in said)
    go_on.set()
    all_of_them.close(LONG_S)


async def _look(all_of_them: Listeners) -> None:
    await all_of_them.job().work()


def test_a_name_is_given_once() -> None:
    both = Listeners(print)
    both.add("one", lambda _change: None)
    with pytest.raises(ValueError, match="there is a listener one already"):
        both.add("one", lambda _change: None)
