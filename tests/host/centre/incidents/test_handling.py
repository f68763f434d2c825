"""What the centre does with an incident: forward only, once, by somebody, told to the badge."""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.alarm.kinds import MAN_DOWN, SOS
from badge.core.codec import wire
from nabij.centre.incidents import handling
from nabij.centre.incidents.handling import Action, ActionRefusedError, Dossier, action_from_json
from nabij.centre.incidents.merge import What, told_state
from nabij.centre.store import BadgeRecord
from nabij.centre.watch.requests import file_of, take_in_requests
from nabij.errors import UsageError
from nabij.paths import PRIVATE, StatePaths, write_file
from tests.host.centre.databases import on_sqlite, sync_nothing
from tests.host.centre.deadline_world import KEY, World, message

pytestmark = pytest.mark.usefixtures("each_engine")

RECEIVED, TAKEN = wire.STATUS_RECEIVED, wire.STATUS_TAKEN
HELP, CLOSED = wire.STATUS_HELP_COMING, wire.STATUS_CLOSED
CALLED_FALSE = wire.FLAG_FALSE_ALARM
FORCED = wire.FLAG_FALSE_ALARM | wire.FLAG_DURESS
boots = itertools.count(1)
requests = itertools.count(1)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("state"))
    sync_nothing(world.store)
    yield world
    world.close()


def step(world: World, state: int, **fields: Any) -> Action:
    """A request about the incident of the first key."""
    incident = world.incident()
    incident_id = incident.id if incident is not None else 0
    values = {"by": "J. Smit", "note": "", "at_ms": world.clock.now().wall_ms, **fields}
    values.setdefault("request", f"r{next(requests):06d}")
    values.setdefault("incident_id", incident_id)
    return Action(state=state, **values)


def dossier(world: World, incident_id: int) -> Dossier:
    found = world.store.read(lambda connection: handling.dossier(connection, incident_id))
    assert found is not None
    return found


def owed_states(world: World, boot: int = 1) -> list[int]:
    return [owed.state for owed in world.store.owed() if owed.boot == boot]


# Its world is shared, and on SQLite.
@on_sqlite
@given(st.lists(st.sampled_from([TAKEN, HELP, CLOSED]), min_size=1, max_size=6))
def test_an_incident_only_moves_forward_whatever_is_asked(shared: World, asked: list[int]) -> None:
    boot = next(boots)
    shared.take(message(boot, kind=SOS))
    reached = [RECEIVED]
    for state in asked:
        incident = shared.incident(boot)
        assert incident is not None
        action = step(shared, state, incident_id=incident.id)
        if state > reached[-1]:
            assert shared.store.take_action(action) is not None
            reached.append(state)
        else:
            with pytest.raises(ActionRefusedError, match=f"Incident {incident.id} "):
                shared.store.take_action(action)
        assert shared.take(message(boot, kind=SOS, attempt=2)).state == reached[-1]
    incident = shared.incident(boot)
    assert incident is not None
    assert incident.state == reached[-1]
    assert [action.state for action in dossier(shared, incident.id).actions] == reached[1:]


def test_who_when_and_the_note_are_kept_and_told(world: World) -> None:
    world.take(message(kind=SOS))
    world.heard()
    asked = step(world, CLOSED, note="Spoke to her.")
    news = world.store.take_action(asked)
    assert news is not None
    world.tell(news)
    [change] = world.told
    assert change.what is What.CLOSED
    assert change.sentence().endswith(": closed by J. Smit.")
    assert json.loads(change.to_json())["by"] == "J. Smit"
    assert dossier(world, asked.incident_id).actions == (asked,)
    assert dossier(world, asked.incident_id).fields(0)["actions"][0]["state_name"] == "closed"


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"by": ""}, "--by"), ({"by": "x" * 101}, "--by"), ({"note": "x" * 1001}, "--note")],
)
def test_closing_needs_a_name_and_texts_have_an_end(
    world: World, fields: dict[str, str], words: str
) -> None:
    world.take(message(kind=SOS))
    with pytest.raises(UsageError, match=words):
        world.store.take_action(step(world, CLOSED, **fields))
    incident = world.incident()
    assert incident is not None
    assert incident.state == RECEIVED


def hand_over(paths: StatePaths, action: Action) -> None:
    write_file(file_of(paths, action), action.to_json(), PRIVATE)


def test_a_request_counts_once_however_often_it_comes(world: World, tmp_path: Path) -> None:
    """The receiver is killed after its commit, before the file is gone."""
    world.take(message(kind=SOS))
    paths = StatePaths(tmp_path)
    asked = step(world, TAKEN)
    said: list[str] = []
    hand_over(paths, asked)
    assert world.store.take_action(asked) is not None
    world.restart()
    assert take_in_requests(paths, world.store, said.append) == ()
    assert not file_of(paths, asked).exists()
    assert dossier(world, asked.incident_id).actions == (asked,)
    assert said == []


def test_requests_are_taken_in_by_age_and_each_odd_one_is_said(
    world: World, tmp_path: Path
) -> None:
    world.take(message(kind=SOS))
    paths = StatePaths(tmp_path)
    for asked in (step(world, TAKEN), step(world, TAKEN, by="A. Bos"), step(world, HELP)):
        hand_over(paths, asked)
    (paths.requests / "a.json").write_bytes(b"{")
    hand_over(paths, step(world, TAKEN, incident_id=77))
    hand_over(paths, step(world, CLOSED, by=""))
    said: list[str] = []
    assert len(take_in_requests(paths, world.store, said.append)) == 2
    assert [path.name for path in paths.requests.iterdir()] == ["a.bad"]
    assert len(said) == 4
    assert any("A. Bos" in sentence and "taken" in sentence for sentence in said)
    assert any("no incident 77" in sentence for sentence in said)
    incident = world.incident()
    assert incident is not None
    assert incident.state == HELP


@given(st.binary(max_size=60))
def test_what_is_no_request_is_never_taken_for_one(data: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        action_from_json(data)


def test_a_badge_is_told_the_newest_state_until_the_broker_has_it(world: World) -> None:
    world.take(message(kind=SOS))
    assert world.store.owed() == []
    world.store.take_action(step(world, TAKEN))
    world.store.take_action(step(world, HELP))
    [owed] = world.store.owed()
    assert (owed.badge, owed.boot, owed.seq, owed.rev, owed.state) == ("anna", 1, 1, 1, HELP)
    world.restart()
    assert world.store.owed() == [owed]
    world.store.take_action(step(world, CLOSED))
    world.store.paid(owed)
    assert owed_states(world) == [CLOSED]
    world.store.paid(world.store.owed()[0])
    assert world.store.owed() == []


def test_a_badge_that_connects_anew_is_told_again_but_not_for_ever(world: World) -> None:
    """Its session at the broker may be lost; one that is there has brought the status already."""
    world.take(message(kind=SOS))
    world.store.take_action(step(world, TAKEN))
    world.store.take_action(step(world, CLOSED))
    world.store.paid(world.store.owed()[0])
    now_ms = world.clock.now().wall_ms
    world.store.owe_again({"bert": now_ms + 1})
    world.store.owe_again({"anna": now_ms - 1})
    assert world.store.owed() == []
    for _ in range(handling.AGAIN):
        world.store.owe_again({"anna": now_ms + 1, "bert": now_ms + 1})
        assert owed_states(world) == [CLOSED]
        world.store.paid(world.store.owed()[0])
    world.store.owe_again({"anna": now_ms + 1})
    assert world.store.owed() == []


@pytest.mark.requirement("R09")
@given(
    state=st.sampled_from([RECEIVED, TAKEN, HELP, CLOSED]),
    watched=st.booleans(),
    deadline=st.booleans(),
)
def test_what_a_badge_may_know(*, state: int, watched: bool, deadline: bool) -> None:
    told = told_state(state, watched=watched, deadline=deadline)
    assert told in {state, RECEIVED}
    if watched:
        assert told in {RECEIVED, CLOSED}
    if deadline:
        assert told == RECEIVED
    elif state == CLOSED:
        assert told == CLOSED


def test_forced_and_free_false_alarm_are_told_the_same_in_frames_of_one_length(
    world: World,
) -> None:
    """The badge's own log would tell what was done about the one and not about the other."""
    told: dict[int, list[tuple[int, int]]] = {}
    for boot, flags in ((1, CALLED_FALSE), (2, FORCED)):
        world.take(message(boot, kind=SOS))
        world.take(message(boot, kind=SOS, rev=2, flags=flags))
        told[boot] = []
        for state in (TAKEN, HELP, CLOSED):
            world.centre(world.incident(boot), state)
            for owed in [one for one in world.store.owed() if one.boot == boot]:
                frame = wire.encode_status(
                    KEY, owed.badge, boot, owed.seq, owed.state, 1_790_000_000, rev=owed.rev
                )
                told[boot].append((owed.state, len(frame)))
                world.store.paid(owed)
    assert [state for state, _ in told[1]] == [RECEIVED, RECEIVED, CLOSED]
    assert told[1] == told[2]


def test_forced_and_free_cancel_are_told_nothing_after_their_receipt(world: World) -> None:
    """Free, there is no incident to tell of: a frame would give the forced one away."""
    world.take(message(1, kind=MAN_DOWN, flags=wire.FLAG_CANCELLED))
    world.take(message(2, kind=MAN_DOWN, flags=wire.FLAG_CANCELLED | wire.FLAG_DURESS))
    assert world.incident(1) is None
    for state in (TAKEN, HELP, CLOSED):
        world.centre(world.incident(2), state)
        assert world.store.owed() == []
        copy = message(
            2, kind=MAN_DOWN, flags=wire.FLAG_CANCELLED | wire.FLAG_DURESS, attempt=state
        )
        assert world.take(copy).state == RECEIVED


def test_a_closed_incident_that_opens_again_begins_anew(world: World) -> None:
    world.take(message(kind=SOS))
    world.store.take_action(step(world, CLOSED))
    world.take(message(kind=SOS, rev=2, flags=FORCED))
    incident = world.incident()
    assert incident is not None
    assert incident.state == RECEIVED
    assert owed_states(world) == [RECEIVED]
    world.store.take_action(step(world, TAKEN))
    assert [one.state for one in dossier(world, incident.id).actions] == [CLOSED, TAKEN]


def test_a_badge_of_the_first_release_is_told_without_a_rev(world: World) -> None:
    world.take(message(kind=SOS, rev=None))
    world.store.take_action(step(world, TAKEN))
    [owed] = world.store.owed()
    assert owed.rev == 0


def test_what_is_looked_for_is_found_among_the_others(world: World) -> None:
    world.store.enrol(BadgeRecord("bert", KEY, "CN=bert", "", 0))
    frame = wire.encode_alarm(KEY, "bert", 1, 1, kind=SOS, age_ms=0, rev=1)
    for boot in range(1, 6):
        world.take(message(boot, kind=SOS))
    world.take(wire.decode_alarm(frame, lambda _badge: KEY))
    world.centre(world.incident(4), CLOSED)

    def found(**wanted: Any) -> list[tuple[str, int]]:
        those = world.store.read(lambda connection: handling.dossiers(connection, **wanted))
        return [(one.incident.badge, one.incident.boot) for one in those]

    assert found(last=3) == [("anna", 3), ("anna", 5), ("bert", 1)]
    assert found(badge="bert", all_=True) == [("bert", 1)]
    assert found(badge="anna", all_=True, last=2) == [("anna", 4), ("anna", 5)]
    assert found(badge="nobody") == []
    last = world.store.read(lambda one: handling.dossiers(one, all_=True, badge="anna", last=2))
    assert [action.state for action in last[0].actions] == [CLOSED]
