"""A badge on shift that is heard no more: one technical incident, in time, and what ends it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from badge.core.codec import wire
from nabij.centre.watch.quiet import check_minutes
from nabij.cli.app import app
from nabij.errors import UsageError
from tests.host.centre.quiet_world import KEYS, LIMIT_S, LOOK_S, SHIFT_S, QuietWorld

RECEIVED, TAKEN = wire.STATUS_RECEIVED, wire.STATUS_TAKEN
HELP, CLOSED = wire.STATUS_HELP_COMING, wire.STATUS_CLOSED


@pytest.fixture
def world(tmp_path: Path) -> Iterator[QuietWorld]:
    world = QuietWorld(tmp_path)
    yield world
    world.close()


@pytest.mark.requirement("R07")
def test_badge_that_goes_quiet_on_shift_is_one_incident_within_the_limit(
    world: QuietWorld,
) -> None:
    world.shift()
    world.wait(600)
    world.leaves()
    world.wait(LIMIT_S)
    assert world.silences() == []
    world.wait(2 * LOOK_S)
    [incident] = world.silences()
    assert world.heard() == ["opened"]
    assert incident.state == RECEIVED
    assert incident.heard_ms == pytest.approx(incident.received_ms - LIMIT_S * 1000, abs=10_000)
    sentence = incident.sentence()
    for words in ("BADGE QUIET  Anna (badge anna)", "not connected since", "on shift since"):
        assert words in sentence
    plain = json.loads(incident.to_json())
    assert (plain["event"], plain["kind_name"], plain["badge"]) == ("incident", "quiet", "anna")
    assert plain["until_ms"] - plain["shift_ms"] == SHIFT_S * 1000
    world.wait(SHIFT_S)
    assert len(world.silences()) == 1
    assert world.heard() == []


@pytest.mark.requirement("R07")
def test_silence_that_nobody_took_ends_its_incident_when_the_badge_is_back(
    world: QuietWorld,
) -> None:
    world.shift()
    world.leaves()
    world.wait(1800)
    assert world.heard() == ["opened"]
    world.returns()
    [change] = world.told
    assert change.what == "back"
    assert "heard again after 30 min" in change.sentence()
    assert change.sentence().endswith("; closed.")
    plain = json.loads(change.to_json())
    quiet_ms = plain["incident"]["back_ms"] - plain["incident"]["heard_ms"]
    assert (plain["event"], plain["incident"]["state_name"]) == ("back", "closed")
    assert quiet_ms == pytest.approx(1_800_000, abs=2 * LOOK_S * 1000)
    [incident] = world.silences()
    assert incident.state == CLOSED
    assert "heard again at" in incident.sentence()
    [action] = world.dossier(incident).actions
    assert (action.by, action.note[:17]) == ("nabij", "Heard again after")
    assert world.store.owed() == []


def test_silence_that_somebody_took_stays_open_when_the_badge_is_back_and_gone_again(
    world: QuietWorld,
) -> None:
    world.shift()
    world.leaves()
    world.wait(1800)
    [incident] = world.silences()
    world.centre(incident, TAKEN)
    world.returns()
    [change] = world.told
    assert "it stays open until it is closed here" in change.sentence()
    world.heard()
    world.leaves()
    world.wait(1800)
    assert world.heard() == ["quiet_again"]
    [incident] = world.silences()
    assert (incident.state, incident.back_ms) == (TAKEN, None)
    world.centre(incident, HELP)
    world.centre(incident, CLOSED)
    assert [action.state for action in world.dossier(incident).actions] == [TAKEN, HELP, CLOSED]


def test_closing_the_incident_of_a_silence_that_goes_on_is_the_end_of_it(
    world: QuietWorld,
) -> None:
    world.shift()
    world.leaves()
    world.wait(1800)
    world.centre(world.silences()[0], CLOSED)
    world.wait(3600)
    world.restart()
    world.wait(3600)
    assert len(world.silences()) == 1
    world.returns()
    assert world.heard() == ["back"]
    world.leaves()
    world.wait(1800)
    assert world.heard() == ["opened"]
    assert [one.seq for one in world.silences()] == [1, 2]


def test_nothing_is_ever_published_to_the_badge_about_its_silence(world: QuietWorld) -> None:
    world.shift()
    world.leaves()
    world.wait(1800)
    [incident] = world.silences()
    for state in (TAKEN, HELP, CLOSED):
        world.centre(incident, state)
        world.store.owe_again({"anna": world.clock.now().wall_ms + 1})
        assert world.store.owed() == []


def test_verbs_of_an_incident_work_on_a_silence_and_say_that_the_badge_is_told_nothing(
    tmp_path: Path,
) -> None:
    world = QuietWorld(tmp_path)
    world.shift()
    world.leaves()
    world.wait(1800)
    [incident] = world.silences()
    world.close()
    for verb, words in (
        (("list",), "BADGE QUIET  Anna (badge anna)"),
        (("take",), "taken. The receiver found it by itself: the badge is told nothing."),
        (("help", str(incident.id)), "help is coming"),
        (("close", "--by", "J. Smit"), "closed"),
    ):
        done = CliRunner().invoke(app, ["incident", *verb, "--state", str(tmp_path)])
        assert done.exit_code == 0, done.stderr
        assert words in done.stdout


def test_badge_that_stays_connected_is_nobodys_worry_and_its_watch_ends_with_the_shift(
    world: QuietWorld,
) -> None:
    world.shift(watch_s=3600)
    world.wait(3590)
    assert world.watched() == {"anna"}
    world.wait(20)
    assert world.watched() == set()
    world.leaves()
    world.wait(3600)
    assert world.store.incidents("anna")[1:] == []


def test_silence_that_began_on_shift_counts_beyond_its_end(world: QuietWorld) -> None:
    """Crushed five minutes before the end."""
    world.shift(watch_s=3600)
    world.wait(3300)
    world.leaves()
    world.wait(LIMIT_S + 2 * LOOK_S)
    assert world.heard() == ["opened"]


def test_pause_in_coverage_shorter_than_the_limit_is_no_incident(world: QuietWorld) -> None:
    world.shift()
    for _ in range(5):
        world.leaves()
        world.wait(LIMIT_S - LOOK_S)
        world.returns()
    assert world.silences() == []


def test_message_of_a_badge_that_no_look_found_connected_counts_as_being_heard(
    world: QuietWorld,
) -> None:
    world.shift()
    world.leaves()
    for seq in range(2, 6):
        world.wait(LIMIT_S - 60)
        world.send(world.frame("anna", 1, seq))
    assert world.silences() == []
    world.wait(LIMIT_S + 2 * LOOK_S)
    assert len(world.silences()) == 1


def test_badge_that_ends_its_shift_may_go(world: QuietWorld) -> None:
    world.shift()
    world.shift(seq=2, watch_s=0)
    world.leaves()
    world.wait(SHIFT_S)
    assert world.silences() == []
    first, last = (one.sentence() for one in world.store.incidents("anna"))
    assert "TEST SOS" in first
    assert "on shift until" in first
    assert "off shift" in last


def test_badge_of_an_older_release_is_not_watched(world: QuietWorld) -> None:
    world.shift(watch_s=None)
    assert world.watched() == set()
    world.leaves()
    world.wait(SHIFT_S)
    assert world.silences() == []


def test_only_a_test_begins_a_watch(world: QuietWorld) -> None:
    world.send(world.frame("anna", 1, 1, watch_s=600))
    assert world.watched() == set()


def test_newer_test_renews_the_watch_and_keeps_the_beginning_of_the_shift(
    world: QuietWorld,
) -> None:
    world.shift(watch_s=3600)
    [before] = world.store.shifts()
    world.wait(3000)
    world.shift(seq=2, watch_s=3600)
    [after] = world.store.shifts()
    assert after.since_ms == before.since_ms
    world.wait(3000)
    assert world.watched() == {"anna"}
    world.shift(boot=2, watch_s=3600)
    [another] = world.store.shifts()
    assert another.since_ms > before.since_ms


# Replays, copies and what waited.


def test_copies_and_replays_of_old_tests_neither_start_nor_extend_nor_end_a_watch(
    world: QuietWorld,
) -> None:
    ended_before = world.frame("anna", 1, 9, flags=wire.FLAG_TEST, watch_s=0)
    never_sent = world.frame("anna", 1, 8, flags=wire.FLAG_TEST, watch_s=SHIFT_S)
    longer = world.frame("anna", 2, 1, flags=wire.FLAG_TEST, watch_s=SHIFT_S, attempt=2)
    started = world.shift(boot=2, watch_s=3600)
    [watch] = world.store.shifts()
    world.wait(1800)
    for frame in (ended_before, never_sent, started, longer):
        world.send(frame)
    [after] = world.store.shifts()
    assert (after.due_steady_ms, after.seq) == (watch.due_steady_ms, watch.seq)
    world.shift(boot=2, seq=2, watch_s=0)
    for frame in (ended_before, never_sent, started, longer):
        world.send(frame)
    assert world.watched() == set()


def test_shift_under_an_old_number_is_said_once_and_a_copy_is_not(world: QuietWorld) -> None:
    started = world.shift(boot=2)
    world.send(started)
    assert world.said == []
    unknown = world.frame("anna", 1, 8, flags=wire.FLAG_TEST, watch_s=SHIFT_S)
    world.send(unknown)
    world.send(unknown)
    [sentence] = world.said
    assert "BADGE anna IS NOT WATCHED" in sentence


def test_test_that_waited_at_the_broker_counts_from_when_it_was_sent(world: QuietWorld) -> None:
    sent_s = world.clock.now().wall_ms // 1000
    frame = world.frame("anna", 1, 1, flags=wire.FLAG_TEST, watch_s=3600, utc_s=sent_s)
    world.restart(down_s=3000)
    world.send(frame)
    world.connected.add("anna")
    world.wait(590)
    assert world.watched() == {"anna"}
    world.wait(20)
    assert world.watched() == set()


# Whose badge it is.


def test_revoked_badge_is_not_watched_any_more(world: QuietWorld) -> None:
    world.shift()
    world.leaves()
    assert world.store.revoke("anna", world.clock.now().wall_ms)
    world.wait(SHIFT_S)
    assert world.silences() == []


def test_badge_enrolled_anew_begins_anew_and_the_same_enrolment_twice_changes_nothing(
    world: QuietWorld,
) -> None:
    world.shift(boot=70)
    world.enrol("anna", KEYS["anna"])
    assert world.watched() == {"anna"}
    world.enrol("anna", bytes(32))
    assert world.watched() == set()
    world.intake.refresh()
    world.send(world.frame("anna", 1, 1, flags=wire.FLAG_TEST, watch_s=SHIFT_S, key=bytes(32)))
    assert world.watched() == {"anna"}


@pytest.mark.requirement("R07")
@pytest.mark.parametrize("minutes", [0, 29, 31])
def test_limit_that_would_break_the_requirement_is_refused_with_its_words(minutes: int) -> None:
    with pytest.raises(UsageError, match="within 30 min"):
        check_minutes(minutes)


@pytest.mark.requirement("R07")
@pytest.mark.parametrize("minutes", [1, 15, 22])
def test_limit_that_keeps_the_requirement_is_taken(minutes: int) -> None:
    """A dead connection is seen up to 2 min late."""
    assert check_minutes(minutes) == minutes * 60_000
