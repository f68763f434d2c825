"""One listener: told of everything, at least once and in order, whatever fails meanwhile."""

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from operator import contains

import pytest
import sqlalchemy as sa

from badge.core.alarm.kinds import AMBER, SOS
from badge.core.codec import wire
from nabij.centre import telling
from nabij.centre.database.events import TERMINAL
from nabij.centre.database.place import place_of
from nabij.centre.database.postgresql import Use
from nabij.centre.incidents.news import News
from nabij.centre.store import Store, StoreError
from nabij.centre.telling import Listener
from nabij.paths import StatePaths
from tests.host.centre.deadline_world import World, message
from tests.waiting import LONG_S, wait_until

pytestmark = pytest.mark.usefixtures("each_engine")


class Ears:
    """Hears of events, and fails at those of the alarms that it is told to."""

    def __init__(self, world: World, name: str = TERMINAL) -> None:
        self.world = world
        self.name = name
        self.heard: list[tuple[int, str]] = []
        self.tries = 0
        self.fails_at: set[int] = set()
        self.said: list[str] = []

    def hear(self, change: News) -> None:
        self.tries += 1
        if change.seq in self.fails_at:
            raise ConnectionError("nobody answers")
        self.heard.append((change.seq, str(change.what)))

    def begin(self) -> Listener:
        listener = Listener(self.name, self.hear, self.said.append)
        listener.start(self.world.store, self.world.clock.now().wall_ms)
        return listener

    def whole(self) -> None:
        """Begin, hear of what waits, and end."""
        listener = self.begin()
        listener.stop()
        assert listener.has_ended(LONG_S)


@pytest.fixture
def ears(world: World) -> Ears:
    return Ears(world)


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(telling, "LONGEST_PAUSE_S", 0.02)


@pytest.fixture
def running(ears: Ears) -> Iterator[Callable[[], Listener]]:
    """Begins, and is ended by the test's end."""
    begun: list[Listener] = []

    def begin() -> Listener:
        begun.append(ears.begin())
        return begun[-1]

    yield begin
    for listener in begun:
        listener.stop()
        assert listener.has_ended(LONG_S)


def happens(world: World, *seqs: int) -> None:
    for seq in seqs:
        world.store.take(message(1, seq, kind=SOS), b"frame", world.clock.now())


def test_a_listener_goes_on_where_it_was(world: World, ears: Ears) -> None:
    happens(world, 1, 2)
    ears.whole()
    assert ears.heard == [(1, "opened"), (2, "opened")]
    happens(world, 3)
    world.restart()
    ears.whole()
    assert ears.heard[2:] == [(3, "opened")]
    ears.whole()
    assert len(ears.heard) == 3


def test_a_new_listener_hears_of_what_happens_from_now_on(world: World) -> None:
    happens(world, 1)
    new = Ears(world, "webhook")
    new.whole()
    happens(world, 2)
    new.whole()
    assert new.heard == [(2, "opened")]


def test_what_fails_holds_up_no_other_alarm_and_comes_again_in_its_order(
    world: World, ears: Ears, running: Callable[[], Listener]
) -> None:
    world.store.take(message(1, 1, kind=AMBER, due_s=60), b"", world.clock.now())
    world.store.take(message(1, 1, kind=AMBER, due_s=90, rev=2), b"", world.clock.now())
    happens(world, 2)
    ears.fails_at = {1}
    listener = running()
    wait_until(lambda: ears.heard == [(2, "opened")])
    happens(world, 3)
    listener.wake()
    wait_until(lambda: ears.heard == [(2, "opened"), (3, "opened")])
    ears.fails_at = set()
    wait_until(lambda: len(ears.heard) == 4)
    assert ears.heard[2:] == [(1, "deadline"), (1, "extended")]
    wait_until(lambda: len(ears.said) == 2)
    assert ears.said == [
        f"Listener {TERMINAL} failed; it is told again until it does not.",
        f"Listener {TERMINAL} is told again, and of all that it missed.",
    ]
    wait_until(lambda: world.store.untold() == [])


def test_what_was_told_beyond_a_failure_is_told_again_after_a_restart(
    world: World, ears: Ears
) -> None:
    """At least once, and never less."""
    happens(world, 1, 2)
    ears.fails_at = {1}
    ears.whole()
    assert ears.heard == [(2, "opened")]
    ears.fails_at = set()
    ears.whole()
    assert ears.heard == [(2, "opened"), (1, "opened"), (2, "opened")]


def test_a_listener_that_fails_at_all_is_not_asked_for_each_event(
    world: World, ears: Ears
) -> None:
    happens(world, *range(1, 41))
    ears.fails_at = set(range(1, 41))
    ears.whole()
    # A round when it begins, unless it was stopped before, and one at the end.
    assert telling.MOST_FAILURES <= ears.tries <= 2 * telling.MOST_FAILURES
    ears.fails_at = set()
    ears.whole()
    assert ears.heard == [(seq, "opened") for seq in range(1, 41)]


def test_what_failed_waits_for_its_time_while_others_are_told(
    world: World, ears: Ears, running: Callable[[], Listener], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "FIRST_PAUSE_S", 60.0)
    monkeypatch.setattr(telling, "LONGEST_PAUSE_S", 60.0)
    happens(world, 1)
    ears.fails_at = {1}
    listener = running()
    wait_until(lambda: len(ears.said) == 1)
    for seq in (2, 3):
        happens(world, seq)
        listener.wake()
        wait_until(partial(contains, ears.heard, (seq, "opened")))
    assert ears.tries == 1 + 2


def test_the_many_events_of_an_alarm_that_fails_hide_no_other_alarm(
    world: World, ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "AT_ONCE", 3)
    for rev in range(1, 31):
        deadline = message(1, 1, kind=AMBER, due_s=60 + rev, rev=rev)
        world.store.take(deadline, b"", world.clock.now())
    happens(world, 2)
    ears.fails_at = {1}
    ears.whole()
    assert ears.heard == [(2, "opened")]


def test_so_many_are_told_beyond_one_that_fails_and_the_rest_with_it(
    world: World, ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is told beyond it is held in memory, and told again after a restart."""
    monkeypatch.setattr(telling, "AT_ONCE", 2)
    monkeypatch.setattr(telling, "MOST_BEYOND", 6)
    happens(world, *range(1, 21))
    ears.fails_at = {1}
    ears.whole()
    assert [seq for seq, _what in ears.heard] == list(range(2, 9))
    ears.fails_at = set()
    ears.whole()
    assert [seq for seq, _what in ears.heard[7:]] == list(range(1, 21))


def test_the_pause_after_a_failure_grows_up_to_its_longest(
    world: World, ears: Ears, running: Callable[[], Listener], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "FIRST_PAUSE_S", 0.1)
    monkeypatch.setattr(telling, "LONGEST_PAUSE_S", 0.4)
    tried_s: list[float] = []
    hear = ears.hear

    def timed(change: News) -> None:
        tried_s.append(time.monotonic())
        hear(change)

    ears.hear = timed  # type: ignore[method-assign]
    happens(world, 1)
    ears.fails_at = {1}
    listener = running()
    wait_until(lambda: len(tried_s) == 8)
    least_s = [0.1, 0.2, *[0.4] * 5]
    for (before_s, after_s), pause_s in zip(pairwise(tried_s), least_s, strict=True):
        assert after_s - before_s >= pause_s
    ears.fails_at = set()
    wait_until(lambda: len(ears.said) == 2)
    ears.fails_at = {2}
    happens(world, 2)
    listener.wake()
    wait_until(lambda: len(ears.said) == 3)
    assert ears.said[2] == ears.said[0]


def test_more_than_is_read_at_once_comes_in_order(
    world: World, ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "AT_ONCE", 3)
    happens(world, *range(1, 12))
    ears.fails_at = {2}
    ears.whole()
    assert ears.heard == [(seq, "opened") for seq in range(1, 12) if seq != 2]
    assert [change.seq for change in world.store.untold()] == list(range(2, 12))


def test_while_it_hangs_the_database_is_free_and_it_is_seen(world: World) -> None:
    go_on = threading.Event()
    listener = Listener("hangs", lambda _change: go_on.wait(LONG_S) and None, print)
    listener.start(world.store, 0)
    assert listener.busy_s() == 0
    happens(world, 1)
    listener.wake()
    wait_until(lambda: listener.busy_s() > 0)
    happens(world, 2)
    assert [incident.seq for incident in world.store.incidents()] == [1, 2]
    listener.stop()
    assert not listener.has_ended(0)
    go_on.set()
    assert listener.has_ended(LONG_S)


def test_a_closed_incident_is_told_with_who_closed_it(world: World, ears: Ears) -> None:
    happens(world, 1)
    world.centre(world.incident(1, 1), wire.STATUS_CLOSED)
    ears.whole()
    assert ears.heard == [(1, "opened"), (1, "closed")]


@pytest.mark.parametrize("each_engine", ["postgresql"], indirect=True)
def test_of_two_receivers_one_tells_and_the_other_goes_on_where_it_was(
    world: World,
    ears: Ears,
    running: Callable[[], Listener],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Both have a listener of that name; nothing is told twice, and nothing is left out."""
    paths = StatePaths(tmp_path_factory.mktemp("second"))
    url = place_of(StatePaths(world.folder)).where
    assert isinstance(url, sa.URL)
    world.store.close()
    address = url.render_as_string(hide_password=False)
    world.store = Store(StatePaths(world.folder), use=Use.SEVERAL)
    second = Store(paths, address, Use.SEVERAL)
    happens(world, 1)
    running()
    wait_until(lambda: ears.heard == [(1, "opened")])
    other = Listener(ears.name, ears.hear, ears.said.append)
    other.start(second, 0)
    happens(world, 2)
    wait_until(lambda: len(ears.heard) == 2)
    first, world.store = (
        world.store,
        Store(StatePaths(tmp_path_factory.mktemp("third")), address, Use.SEVERAL),
    )
    # The first one's connection ends, and with it what it had to do.
    first.close()
    happens(world, 3)
    wait_until(lambda: len(ears.heard) == 3)
    other.stop()
    assert other.has_ended(LONG_S)
    assert ears.heard == [(1, "opened"), (2, "opened"), (3, "opened")]
    second.close()


def test_a_database_that_fails_while_one_is_told_changes_no_order(
    world: World, ears: Ears, running: Callable[[], Listener]
) -> None:
    """It is no fault of the event, so nothing overtakes it."""
    refusals = iter((1, 3))
    hear, refuses_at = ears.hear, next(refusals)

    def hear_or_refuse(change: News) -> None:
        nonlocal refuses_at
        if change.seq == refuses_at:
            refuses_at = next(refusals, 0)
            raise StoreError("The database is not there.")
        hear(change)

    ears.hear = hear_or_refuse  # type: ignore[method-assign]
    happens(world, 1, 2, 3, 4, 5)
    running()
    wait_until(lambda: len(ears.heard) == 5)
    assert [seq for seq, _what in ears.heard] == [1, 2, 3, 4, 5]
    assert any("waits for the database" in one for one in ears.said)


def test_a_fault_of_ours_ends_no_telling(
    world: World,
    ears: Ears,
    running: Callable[[], Listener],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    happens(world, 1)
    faults = iter((True, True))
    found = world.store.events_after

    def find(after: int, limit: int) -> list[tuple[int, int]]:
        if next(faults, False):
            raise RuntimeError("odd")
        return found(after, limit)

    monkeypatch.setattr(world.store, "events_after", find)
    running()
    wait_until(lambda: ears.heard == [(1, "opened")])
    assert any("waits after a fault in nabij: odd." in one for one in ears.said)
    assert sum("fault" in one for one in ears.said) == 1
