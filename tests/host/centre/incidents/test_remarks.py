"""What people write to an incident: kept in order, in bounds, and seen by the wearer."""

from dataclasses import replace

import pytest

from badge.core.alarm.kinds import SOS
from nabij.centre.incidents import remarks
from nabij.centre.incidents.remarks import LONGEST, Remark, Sort
from nabij.centre.people import audit
from nabij.errors import UsageError
from tests.host.centre.deadline_world import START_MS, World, message

NOTE = Remark(1, START_MS, "J. Smit", Sort.NOTE, "Called the front desk.")


def write(world: World, *what: Remark) -> list[Remark]:
    """Write them, and what stands with the incident then."""
    for one in what:
        world.store.write(lambda connection, one=one: remarks.add(connection, one))  # type: ignore[misc]
    return world.store.read(lambda connection: remarks.of(connection, [1]))


@pytest.fixture(autouse=True)
def incidents(world: World) -> None:
    for seq in (1, 2):
        world.take(message(1, seq, kind=SOS))


def test_what_was_written_stands_in_its_order_with_who_wrote_it(world: World) -> None:
    spoke = Remark(1, START_MS + 1, "K. Bos", Sort.CONTACT, "Is well.")
    of_another = Remark(2, START_MS + 2, "K. Bos", Sort.NOTE, "Another.")
    assert write(world, NOTE, of_another, spoke) == [NOTE, spoke]
    did = world.store.read(audit.newest)
    assert [(one.incident_id, one.by, one.what) for one in reversed(did)] == [
        (1, "J. Smit", "wrote a note"),
        (2, "K. Bos", "wrote a note"),
        (1, "K. Bos", "noted that you were spoken to"),
    ]


@pytest.mark.parametrize("text", ["", "  \n", "x" * (LONGEST + 1)])
def test_a_note_is_of_some_characters_and_not_of_too_many(world: World, text: str) -> None:
    with pytest.raises(UsageError, match="1 to 1000 characters"):
        write(world, replace(NOTE, text=text))
    assert write(world) == []
    [longest] = write(world, replace(NOTE, text=" " + "x" * LONGEST + " "))
    assert len(longest.text) == LONGEST


def test_who_knows_of_it_is_kept_once_and_needs_no_words(world: World) -> None:
    one, other = (Remark(1, START_MS, by, Sort.INFORMED, "") for by in ("J. Smit", "K. Bos"))
    # A note of the same person is another thing.
    assert write(world, NOTE, one, one, other) == [NOTE, one, other]
    with pytest.raises(UsageError, match="characters"):
        write(world, Remark(1, START_MS, "L. Vos", Sort.INFORMED, "x" * (LONGEST + 1)))
