"""Silence when receiver, broker or clocks cannot be trusted: no storm, nothing lost or twice."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from badge.core.codec import wire
from nabij.centre.store import StoreError
from tests.host.centre.databases import database_of
from tests.host.centre.quiet_world import LIMIT_S, LOOK_S, SHIFT_S, QuietWorld


@pytest.fixture
def world(tmp_path: Path) -> Iterator[QuietWorld]:
    world = QuietWorld(tmp_path)
    yield world
    world.close()


def both_quiet_from_now(world: QuietWorld) -> None:
    world.shift("anna")
    world.shift("bert")
    world.wait(60)
    world.leaves("anna", "bert")
    world.wait(LIMIT_S - 60)


def receiver_restarts(world: QuietWorld) -> None:
    world.restart(down_s=600)


def broker_restarts(world: QuietWorld) -> None:
    world.broker += 1


def monitor_is_silent(world: QuietWorld) -> None:
    world.wait(600, looks=False)


def machine_sleeps(world: QuietWorld) -> None:
    world.clock.wait(6 * 3600)


@pytest.mark.parametrize(
    "happens", [receiver_restarts, broker_restarts, monitor_is_silent, machine_sleeps]
)
def test_after_a_time_of_not_knowing_every_badge_has_the_whole_limit_anew(
    world: QuietWorld, happens: Callable[[QuietWorld], None]
) -> None:
    both_quiet_from_now(world)
    happens(world)
    world.wait(LIMIT_S)
    assert world.heard() == []
    world.returns("bert")
    world.wait(2 * LOOK_S)
    assert len(world.silences("anna")) == 1
    assert world.silences("bert") == []


def test_incident_after_a_restart_says_since_when_the_badge_was_away_before_it(
    world: QuietWorld,
) -> None:
    both_quiet_from_now(world)
    gone_ms = world.clock.now().wall_ms - (LIMIT_S - 60) * 1000
    world.restart(down_s=600)
    world.wait(LIMIT_S + 2 * LOOK_S)
    [incident] = world.silences()
    assert incident.heard_ms == pytest.approx(gone_ms, abs=LOOK_S * 1000)


def test_badge_that_went_while_the_receiver_was_down_was_heard_when_that_was_last_alive(
    world: QuietWorld,
) -> None:
    world.shift()
    world.wait(1800)
    alive_ms = world.clock.now().wall_ms
    world.leaves()
    world.restart(down_s=600)
    world.wait(LIMIT_S + 2 * LOOK_S)
    [incident] = world.silences()
    assert incident.heard_ms == pytest.approx(alive_ms, abs=2 * LOOK_S * 1000)


def test_second_silence_is_not_dated_by_a_first_one_that_was_short(world: QuietWorld) -> None:
    world.shift()
    world.leaves()
    world.wait(120)
    world.returns()
    world.wait(3600)
    gone_ms = world.clock.now().wall_ms
    world.leaves()
    world.wait(LIMIT_S + 2 * LOOK_S)
    [incident] = world.silences()
    assert incident.heard_ms == pytest.approx(gone_ms, abs=2 * LOOK_S * 1000)


def test_message_that_waited_at_the_broker_does_not_hasten_a_silence(world: QuietWorld) -> None:
    world.shift()
    world.wait(60)
    world.leaves()
    world.quiet.spoke("anna", lag_ms=600_000)
    world.wait(LIMIT_S - 30)
    assert world.silences() == []
    world.wait(60)
    assert len(world.silences()) == 1


def test_not_knowing_for_long_is_said_and_so_is_its_end(world: QuietWorld) -> None:
    world.wait(600, looks=False)
    assert world.said == []
    world.shift()
    world.wait(30, looks=False)
    [sentence] = world.said
    assert "BADGES ON SHIFT (1) ARE NOT WATCHED" in sentence
    world.wait(600, looks=False)
    world.wait(LOOK_S)
    assert world.said[1:] == ["Badges on shift are watched for going quiet again."]


@pytest.mark.parametrize("step_s", [-86_400, 86_400])
def test_setting_the_clock_neither_hastens_nor_hides_a_silence(
    world: QuietWorld, step_s: int
) -> None:
    world.shift(watch_s=3600)
    world.leaves()
    world.wait(60)
    world.clock.set_forward(step_s)
    world.wait(LIMIT_S - 60)
    assert world.silences() == []
    world.wait(2 * LOOK_S)
    assert len(world.silences()) == 1


@pytest.mark.parametrize("step_s", [-86_400, 86_400])
def test_clock_set_during_a_silence_does_not_change_how_long_it_was(
    world: QuietWorld, step_s: int
) -> None:
    world.shift()
    world.leaves()
    world.wait(1700)
    world.clock.set_forward(step_s)
    world.wait(100)
    world.heard()
    world.returns()
    [change] = world.told
    assert "heard again after 30 min" in change.sentence()
    [action] = world.dossier(world.silences()[0]).actions
    assert action.note.startswith("Heard again after 30 min")


def test_shift_goes_on_to_its_end_over_a_restart_of_the_machine(world: QuietWorld) -> None:
    world.shift(watch_s=3600)
    world.wait(1800)
    world.clock.reboot()
    world.restart(down_s=60)
    world.wait(1700)
    assert world.watched() == {"anna"}
    world.wait(120)
    assert world.watched() == set()


@pytest.mark.parametrize("set_when", ["before", "after"])
def test_clock_that_is_hours_ahead_after_a_restart_of_the_machine_ends_no_watch(
    world: QuietWorld, set_when: str
) -> None:
    """Local time taken for UTC: the badge says itself when its shift is over."""
    world.shift(watch_s=3600)
    world.wait(600)
    world.clock.reboot()
    if set_when == "before":
        world.clock.set_forward(7200)
    world.restart(down_s=60)
    if set_when == "after":
        world.clock.set_forward(7200)
    world.wait(600)
    assert world.watched() == {"anna"}
    world.leaves()
    world.wait(LIMIT_S + 2 * LOOK_S)
    assert len(world.silences()) == 1


def test_shift_that_begins_unseen_is_not_quiet_since_before_it_began(world: QuietWorld) -> None:
    """The badge was off all night, and the link of the receiver was down as it came."""
    world.wait(8 * 3600)
    frame = world.frame("anna", 1, 1, flags=wire.FLAG_TEST, watch_s=SHIFT_S)
    world.backlog.down(world.clock.now())
    world.wait(30, looks=False)
    world.backlog.up(world.clock.now())
    world.send(frame)
    world.told.clear()
    world.wait(LIMIT_S - 60)
    assert world.heard() == []
    world.wait(60 + 2 * LOOK_S)
    assert world.heard() == ["opened"]
    [incident] = world.silences()
    assert incident.heard_ms == pytest.approx(incident.received_ms - LIMIT_S * 1000, abs=60_000)


def test_silence_that_cannot_be_kept_is_told_and_hides_no_other(world: QuietWorld) -> None:
    both_quiet_from_now(world)
    database = database_of(world.store)
    database.execute(
        "CREATE TRIGGER full BEFORE INSERT ON incident WHEN NEW.badge = 'anna' "
        "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
    )
    with pytest.raises(StoreError, match="BADGE anna HAS GONE QUIET"):
        world.wait(60 + 2 * LOOK_S)
    assert len(world.silences("bert")) == 1
    database.execute("DROP TRIGGER full")
    world.wait(LOOK_S)
    assert len(world.silences("anna")) == 1


# Exactly once.

KILLED_AFTER_COMMIT = """
    import os, signal, sys
    from pathlib import Path
    from nabij.centre.store import Store
    from tests.host.centre.quiet_world import QuietWorld

    class Killed(QuietWorld):
        dies = False

        def tell(self, news_id):
            if self.dies:
                os.kill(os.getpid(), signal.SIGKILL)
            super().tell(news_id)

    world = Killed(Path(sys.argv[1]))
    world.shift()
    world.leaves()
    world.dies = True
    world.wait(3600)
"""


@pytest.mark.requirement("R07")
def test_receiver_killed_between_commit_and_telling_tells_of_exactly_one_incident(
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED_AFTER_COMMIT), str(tmp_path)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    world = QuietWorld(tmp_path)
    try:
        [news] = [one for one in world.store.untold() if one.kind == 0]
        assert (news.what, news.badge) == ("opened", "anna")
        world.wait(2 * LIMIT_S)
        assert len(world.silences()) == 1
        assert world.heard() == []
    finally:
        world.close()
