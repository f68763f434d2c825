"""A link opens one incident for a while; what it may not, it may not by any clock or number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from badge.core.alarm import kinds
from nabij.centre.database.link_tables import incident_link
from nabij.centre.incidents import links
from nabij.centre.people import audit, tokens
from nabij.errors import UsageError
from tests.host.centre.deadline_world import World, message

pytestmark = pytest.mark.usefixtures("each_engine")
NOW_MS = 1_790_000_000_000
HOUR_MS = 3_600_000


@pytest.fixture
def write(world: World) -> Callable[[Callable[[sa.Connection], Any]], Any]:
    for seq in (1, 2):
        world.take(message(seq=seq, kind=kinds.SOS))
    return world.store.write


def ids(world: World) -> tuple[int, int]:
    first, second = world.incident(seq=1), world.incident(seq=2)
    assert first is not None
    assert second is not None
    return first.id, second.id


def test_a_link_is_found_by_its_whole_token_until_its_end(world: World, write: Any) -> None:
    first, _second = ids(world)
    token = write(lambda one: links.make(one, first, " North  centre ", "J. Smit", NOW_MS))
    link = write(lambda one: links.find(one, token))
    assert (link.incident_id, link.whom, link.by) == (first, "North centre", "J. Smit")
    assert link.is_good(NOW_MS)
    assert link.is_good(NOW_MS + links.LASTS_MS - 1)
    assert not link.is_good(NOW_MS + links.LASTS_MS)
    # Somebody sets the clock back by a year, and forward.
    assert not link.is_good(NOW_MS - 365 * 24 * HOUR_MS)
    for wrong in (token[:-1], token + "A", token.lower(), "", str(link.id)):
        assert write(lambda one, wrong=wrong: links.find(one, wrong)) is None


def test_a_token_is_kept_as_its_hash(world: World, write: Any) -> None:
    first, _second = ids(world)
    token = write(lambda one: links.make(one, first, "North", "J. Smit", NOW_MS))
    [row] = write(lambda one: one.execute(sa.select(incident_link)).mappings().all())
    assert row["digest"] == tokens.digest(token)
    assert token.encode() not in repr(dict(row)).encode()
    assert len(token.partition(".")[0]) >= 43


def test_it_is_revoked_at_its_own_incident_and_once(world: World, write: Any) -> None:
    first, second = ids(world)
    token = write(lambda one: links.make(one, first, "North", "J. Smit", NOW_MS))
    link = write(lambda one: links.find(one, token))
    with pytest.raises(UsageError, match="no such link"):
        write(lambda one: links.revoke(one, second, link.id, "J. Smit", NOW_MS))
    for _ in range(2):
        write(lambda one: links.revoke(one, first, link.id, "J. Smit", NOW_MS + 1))
    assert not write(lambda one: links.find(one, token)).is_good(NOW_MS + 2)
    done = [one.what for one in write(audit.newest)]
    assert done.count("revoked a link to an incident") == 1


def test_the_time_of_one_that_was_sent_begins_with_the_answer(world: World, write: Any) -> None:
    first, _second = ids(world)
    later_ms = NOW_MS + 5 * HOUR_MS
    token = write(lambda one: links.make(one, first, "north", "nabij", NOW_MS, event_id=9))
    assert write(lambda one: links.find(one, token)).is_good(later_ms)
    write(lambda one: links.arrived(one, first, 9, later_ms))
    found = write(lambda one: links.find(one, token))
    assert found.until_ms == later_ms + links.LASTS_MS
    # An answer that comes twice makes nothing longer.
    write(lambda one: links.arrived(one, first, 9, later_ms + HOUR_MS))
    assert write(lambda one: links.find(one, token)).until_ms == found.until_ms


def test_each_use_stands_in_the_audit_with_its_address(world: World, write: Any) -> None:
    first, _second = ids(world)
    token = write(lambda one: links.make(one, first, "North", "J. Smit", NOW_MS))
    link = write(lambda one: links.find(one, token))
    for address, at_ms in (("203.0.113.5", 1), ("203.0.113.5", 2), ("2001:db8::7", 3)):
        write(lambda one, a=address, t=at_ms: links.note_use(one, link, a, NOW_MS + t))
    write(lambda one: links.note_use(one, link, "203.0.113.5", NOW_MS + audit.LOOK_MS + 1))
    for at in range(5):
        late_ms = NOW_MS + links.LASTS_MS + at
        write(lambda one, at=at, t=late_ms: links.note_use(one, link, f"198.51.100.{at}", t))
    lines = [
        (one.what, one.detail, one.incident_id)
        for one in reversed(write(audit.newest))
        if one.by == f"link {link.id}: North"
    ]
    assert lines == [
        (links.OPENED, "203.0.113.5", first),
        (links.OPENED, "2001:db8::7", first),
        (links.OPENED, "203.0.113.5", first),
        (links.CAME_LATE, "198.51.100.0", first),
    ]


def test_what_cannot_be_is_a_sentence(world: World, write: Any) -> None:
    first, _second = ids(world)
    for whom in ("", "  ", "x" * 101):
        with pytest.raises(UsageError, match="Say whom the link is for"):
            write(lambda one, whom=whom: links.make(one, first, whom, "J. Smit", NOW_MS))
    for _ in range(links.MOST):
        write(lambda one: links.make(one, first, "North", "J. Smit", NOW_MS))
    with pytest.raises(UsageError, match="revoke one first"):
        write(lambda one: links.make(one, first, "North", "J. Smit", NOW_MS))
    # What goes out with an alarm is not held up by that.
    assert write(lambda one: links.make(one, first, "north", "nabij", NOW_MS, event_id=1))
