"""What the status says to monitoring, and that nothing unknown is taken for well."""

import json
from dataclasses import replace

import pytest

from nabij.centre.health.status import (
    CRITICAL,
    MUCH_BACKLOG,
    WARNING,
    WELL,
    Status,
    from_fields,
)

WELL_STATUS = Status(
    arrives=True,
    probe="all is well",
    probe_age_s=3.0,
    connected=12,
    on_shift=9,
    quiet=0,
    open_incidents=2,
    backlog=0,
    disk_free_bytes=12_300_000_000,
    disk_total_bytes=50_000_000_000,
    disk="",
    versions={"nabij": "0.2.0"},
)


@pytest.mark.parametrize(
    ("changes", "level"),
    [
        ({}, WELL),
        ({"open_incidents": 500, "quiet": 3}, WELL),
        ({"connected": None}, WARNING),
        ({"backlog": None}, WARNING),
        ({"open_incidents": None}, WARNING),
        ({"backlog": MUCH_BACKLOG + 1}, WARNING),
        ({"disk": "The disk has 3 MB left."}, WARNING),
        ({"troubles": ("A LISTENER HAS NOT RETURNED.",)}, WARNING),
        ({"arrives": False}, CRITICAL),
        ({"arrives": False, "disk": "The disk is full."}, CRITICAL),
    ],
)
def test_level(changes: dict[str, object], level: int) -> None:
    assert replace(WELL_STATUS, **changes).level == level  # type: ignore[arg-type]


def test_the_record_survives_json_and_is_read_by_people() -> None:
    odd = replace(WELL_STATUS, arrives=False, connected=None, troubles=("The sky falls.",))
    assert from_fields(json.loads(json.dumps(odd.fields()))) == odd
    assert WELL_STATUS.lines() == [
        "Alarms arrive: the last probe came back 3 s ago.",
        "Badges: 12 connected, 9 on shift, 0 quiet.",
        "Incidents open: 2. Messages waiting: 0.",
        "Disk: 12.3 GB left of 50.0 GB.",
        "Versions: nabij 0.2.0.",
    ]
    assert odd.lines()[0] == "NO ALARM CAN ARRIVE: no probe has come back for 3 s (all is well)."
    assert "? connected" in odd.lines()[1]
    assert "The sky falls." in odd.lines()
