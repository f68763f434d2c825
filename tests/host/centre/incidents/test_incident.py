"""When an alarm was raised, and the figures in its sentence."""

from __future__ import annotations

import pytest

from badge.core.alarm import kinds
from badge.core.codec import wire
from nabij.centre.incidents.incident import EARLIEST_UTC_S, Incident, raised_ms

ARRIVED_MS = 1_800_000_000_000
AGE_MS = 90_000
RAISED_S = (ARRIVED_MS - AGE_MS) // 1000


def message(utc_s: int | None, flags: int) -> wire.AlarmMessage:
    fields = dict.fromkeys(wire.AlarmMessage._fields)
    return wire.AlarmMessage(**{**fields, "age_ms": AGE_MS, "utc_s": utc_s, "flags": flags})


@pytest.mark.parametrize(
    ("utc_s", "flags", "expected_ms"),
    [
        # An age that is known counts, whatever the badge's clock says.
        (None, 0, ARRIVED_MS - AGE_MS),
        (RAISED_S - 5000, 0, ARRIVED_MS - AGE_MS),
        # One that is a lower bound gives way to a clock that can be right.
        (RAISED_S - 5000, wire.FLAG_AGE_AT_LEAST, (RAISED_S - 5000) * 1000),
        (RAISED_S, wire.FLAG_AGE_AT_LEAST, RAISED_S * 1000),
        (EARLIEST_UTC_S, wire.FLAG_AGE_AT_LEAST, EARLIEST_UTC_S * 1000),
        # Later than the age allows, or never set.
        (RAISED_S + 5000, wire.FLAG_AGE_AT_LEAST, ARRIVED_MS - AGE_MS),
        (EARLIEST_UTC_S - 1, wire.FLAG_AGE_AT_LEAST, ARRIVED_MS - AGE_MS),
        (None, wire.FLAG_AGE_AT_LEAST, ARRIVED_MS - AGE_MS),
    ],
)
def test_an_alarm_was_raised_its_age_ago_or_when_a_clock_that_can_be_right_says(
    utc_s: int | None, flags: int, expected_ms: int
) -> None:
    assert raised_ms(message(utc_s, flags), ARRIVED_MS) == expected_ms


def test_the_sentence_has_the_blow_in_g_and_the_tilt_in_degrees() -> None:
    incident = Incident(
        id=1,
        badge="nb-1",
        wearer="A",
        boot=1,
        seq=1,
        attempt=3,
        kind=kinds.MAN_DOWN,
        state=wire.STATUS_RECEIVED,
        test=False,
        raised_ms=ARRIVED_MS - AGE_MS,
        received_ms=ARRIVED_MS,
        age_ms=AGE_MS,
        age_at_least=False,
        peak_mg=3240,
        tilt_deg=85,
        battery_percent=47,
    )
    text = incident.sentence()
    for part in ("attempt 3", "peak 3.2 g", "tilt 85 deg", "battery 47 %"):
        assert part in text
