"""Whose an incident is: one owner at a time, for a time, and never for ever."""

import itertools
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from badge.core.alarm.kinds import MAN_DOWN, SOS
from badge.core.codec import wire
from nabij.centre.database.claims import CORRECTED_MS, Claim
from nabij.centre.incidents import claims
from nabij.centre.incidents.claims import ClaimedError, Wanted
from nabij.centre.incidents.handling import CLAIM_MS, Action, ActionRefusedError
from nabij.centre.incidents.merge import What
from nabij.centre.watch.claims import ClaimWatch
from nabij.errors import UsageError
from tests.host.centre.databases import on_sqlite
from tests.host.centre.deadline_world import World, message

pytestmark = pytest.mark.usefixtures("each_engine")

TAKEN, HELP, CLOSED = wire.STATUS_TAKEN, wire.STATUS_HELP_COMING, wire.STATUS_CLOSED
requests = itertools.count(1)


def opened(world: World, **fields: int) -> int:
    world.take(message(**{"kind": SOS, **fields}))
    incident = world.incident()
    assert incident is not None
    world.heard()
    return incident.id


def wanted(world: World, incident_id: int, owner: str, **fields: int | bool) -> Wanted:
    request = f"claim-{next(requests)}"
    values = {"request": request, "incident_id": incident_id, "owner": owner}
    return Wanted(**{**values, "at_ms": world.clock.now().wall_ms, **fields})  # type: ignore[arg-type]


def take(world: World, incident_id: int, owner: str, **fields: int | bool) -> None:
    asked = wanted(world, incident_id, owner, **fields)
    for news in world.store.write(lambda connection: claims.take(connection, asked)):
        world.tell(news)


def holder(world: World, incident_id: int) -> Claim | None:
    now_ms = world.clock.now().wall_ms
    return world.store.read(lambda connection: claims.holder(connection, incident_id, now_ms))


def owner(world: World, incident_id: int) -> str | None:
    found = holder(world, incident_id)
    return None if found is None else found.owner


def look(world: World) -> None:
    def tell(news: tuple[int, ...]) -> None:
        for one in news:
            world.tell(one)

    ClaimWatch(world.store, world.clock, tell).look()


def test_who_takes_has_it_and_the_wearer_hears_taken(world: World) -> None:
    incident_id = opened(world)
    take(world, incident_id, "J. Smit")
    assert owner(world, incident_id) == "J. Smit"
    assert [one.what for one in world.told] == [What.TAKEN]
    assert world.told[0].by == "J. Smit"
    assert [one.state for one in world.store.owed()] == [TAKEN]


def test_what_was_taken_by_command_is_owned_too(world: World) -> None:
    incident_id = opened(world)
    world.centre(world.incident(), TAKEN)
    assert owner(world, incident_id) == "J. Smit"
    world.clock.wait(CLAIM_MS / 1000 + 1)
    assert owner(world, incident_id) is None
    world.centre(world.incident(), HELP)
    assert owner(world, incident_id) == "J. Smit"


def test_the_second_learns_who_has_it(world: World) -> None:
    incident_id = opened(world)
    take(world, incident_id, "J. Smit")
    with pytest.raises(ClaimedError, match="Smit has it until"):
        take(world, incident_id, "P. Jansen")
    assert owner(world, incident_id) == "J. Smit"
    take(world, incident_id, "P. Jansen", over=True)
    assert owner(world, incident_id) == "P. Jansen"
    assert [one.sentence() for one in world.told][-1].endswith(": taken over by P. Jansen.")


def test_of_two_who_take_at_once_one_has_it(world: World) -> None:
    incident_id = opened(world)
    refused = []

    def try_it(who: str) -> None:
        try:
            asked = wanted(world, incident_id, who)
            world.store.write(lambda connection: claims.take(connection, asked))
        except ClaimedError as error:
            refused.append((who, error.claim.owner))

    people = ["A", "B", "C", "D"]
    threads = [threading.Thread(target=try_it, args=(who,)) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    has_it = owner(world, incident_id)
    assert {who for who, _ in refused} == {*people} - {has_it}
    assert {seen for _, seen in refused} == {has_it}


def test_a_claim_runs_out_is_told_once_and_can_be_taken_again(world: World) -> None:
    incident_id = opened(world)
    take(world, incident_id, "J. Smit", for_ms=60_000)
    look(world)
    assert world.heard() == [What.TAKEN]
    world.clock.wait(60)
    assert owner(world, incident_id) is None
    look(world)
    look(world)
    [news] = world.told
    assert news.sentence().endswith(": NOBODY HAS IT ANY MORE.")
    world.heard()
    take(world, incident_id, "P. Jansen")
    # The wearer was told TAKEN already, and is not told again.
    assert [(one.what, one.by) for one in world.told] == [(What.CLAIMED, "P. Jansen")]


def test_who_says_so_again_has_it_longer_and_never_shorter(world: World) -> None:
    incident_id = opened(world)
    take(world, incident_id, "J. Smit", for_ms=600_000)
    take(world, incident_id, "J. Smit", for_ms=1_000)
    now_ms = world.clock.now().wall_ms
    found = holder(world, incident_id)
    assert found is not None
    assert found.until_ms == now_ms + 600_000
    world.clock.wait(300)
    later = now_ms + 300_000
    longer = world.store.write(
        lambda connection: claims.extend(connection, incident_id, "J. Smit", later)
    )
    assert holder(world, incident_id) == longer
    assert (longer.since_ms, longer.until_ms) == (now_ms, later + CLAIM_MS)
    with pytest.raises(ClaimedError):
        world.store.write(lambda connection: claims.extend(connection, incident_id, "X", later))


def test_hand_over_and_giving_back_are_the_owners(world: World) -> None:
    incident_id = opened(world)
    now_ms = world.clock.now().wall_ms

    def hand_over(by: str, to: str) -> None:
        world.store.write(
            lambda connection: claims.hand_over(connection, incident_id, by, to, now_ms)
        )

    with pytest.raises(ActionRefusedError, match="Nobody has incident"):
        hand_over("J. Smit", "P. Jansen")
    take(world, incident_id, "J. Smit")
    with pytest.raises(ClaimedError):
        hand_over("P. Jansen", "P. Jansen")
    hand_over("J. Smit", "P. Jansen")
    assert owner(world, incident_id) == "P. Jansen"
    [news] = world.store.write(
        lambda connection: claims.give_back(connection, incident_id, "P. Jansen", now_ms)
    )
    assert owner(world, incident_id) is None
    [told] = world.store.news((news,))
    assert told.what is What.CLAIM_OVER


def test_what_is_closed_is_nobodys_and_what_opens_again_neither(world: World) -> None:
    incident_id = opened(world, kind=MAN_DOWN)
    take(world, incident_id, "J. Smit")
    world.centre(world.incident(), CLOSED)
    assert owner(world, incident_id) is None
    with pytest.raises(ActionRefusedError, match="closed already"):
        take(world, incident_id, "P. Jansen")
    world.take(message(kind=SOS, rev=2))
    assert owner(world, incident_id) is None
    take(world, incident_id, "P. Jansen")
    assert owner(world, incident_id) == "P. Jansen"


@on_sqlite
@pytest.mark.parametrize("hours", [-2, 2])
def test_a_clock_that_is_set_never_makes_a_claim_last(world: World, hours: int) -> None:
    incident_id = opened(world)
    take(world, incident_id, "J. Smit")
    world.clock.set_forward(-CORRECTED_MS / 1000 + 1)
    assert owner(world, incident_id) == "J. Smit"
    world.clock.set_forward(hours * 3600)
    assert owner(world, incident_id) is None


@on_sqlite
@pytest.mark.parametrize(
    "fields", [{"owner": ""}, {"owner": "x" * 101}, {"for_ms": 0}, {"for_ms": claims.MOST_MS + 1}]
)
def test_a_claim_has_a_name_and_an_end(world: World, fields: dict[str, int]) -> None:
    incident_id = opened(world)
    with pytest.raises(UsageError):
        take(world, incident_id, **{"owner": "J. Smit", **fields})  # type: ignore[arg-type]
    assert holder(world, incident_id) is None


@on_sqlite
def test_a_request_that_comes_twice_is_one_action(world: World, tmp_path: Path) -> None:
    incident_id = opened(world)
    asked = wanted(world, incident_id, "J. Smit")
    for _ in range(2):
        world.store.write(lambda connection: claims.take(connection, asked))
    again = Action(asked.request, incident_id, TAKEN, asked.at_ms, "J. Smit", "")
    assert world.store.take_action(again) is None
    count = sa.text("SELECT count(*) FROM move")
    assert world.store.read(lambda connection: connection.execute(count).scalar_one()) == 1
