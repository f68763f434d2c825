"""How far the hand-over of an incident is, in words that hide no failure."""

from dataclasses import replace

import pytest

from badge.core.alarm.kinds import SOS
from nabij.centre.database.handover_tables import handover
from nabij.centre.incidents import handed_over
from nabij.centre.incidents.handed_over import HandedOver
from nabij.centre.incidents.words import local_time
from tests.host.centre.deadline_world import START_MS, World, message

SENT = HandedOver("north", "alarm", "PA", "waiting", START_MS, None, 0, "", "")
TO = "alarm to alarm centre north: "


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "NOT ACKNOWLEDGED, 0 tries"),
        ({"tries": 3, "said": "NAK"}, "NOT ACKNOWLEDGED, 3 tries (NAK)"),
        ({"state": "refused", "said": "no account"}, "REFUSED (no account)"),
        ({"state": "dropped", "said": "closed before"}, "DROPPED (closed before)"),
        (
            {"state": "acknowledged", "done_ms": START_MS + 5000, "answered_by": "arc:9000"},
            f"acknowledged at {local_time(START_MS + 5000)} by arc:9000",
        ),
    ],
)
def test_only_what_a_centre_acknowledged_is_called_so(
    changes: dict[str, object], said: str
) -> None:
    assert replace(SENT, **changes).sentence() == TO + said  # type: ignore[arg-type]


def test_each_incident_has_its_own_in_order_and_a_test_is_of_none(world: World) -> None:
    for seq in (1, 2, 3):
        world.take(message(1, seq, kind=SOS))
    rows = [(2, "alarm"), (1, "alarm"), (None, "test"), (1, "restore")]
    for number, (incident_id, what) in enumerate(rows):
        values = SENT.fields() | {"what": what}
        more = {"account": "1", "seq": number, "event_id": number, "zone": 1, "protocol": "SIA"}
        rest = {"data": "", "extended": "", "due_ms": 0, "incident_id": incident_id}
        insert = handover.insert().values(**values, **more, **rest)
        world.store.write(lambda connection, insert=insert: connection.execute(insert))  # type: ignore[misc]

    def whats(*ids: int) -> dict[int, list[str]]:
        found = world.store.read(lambda connection: handed_over.of(connection, ids or None))
        return {key: [one.what for one in value] for key, value in found.items()}

    assert whats() == {1: ["alarm", "restore"], 2: ["alarm"]}
    assert whats(2, 3) == {2: ["alarm"]}
