"""A badge whose modem is called seldom (`edrx_s`): it speaks as fast, and may hear later."""

from pathlib import Path
from typing import Any

import pytest

from tests.sim.lives import felt, felt_at, lived, said, squeeze, tap, told
from tests.worlds import Site

PRESS_MS = 70_000
LONGEST = {"edrx_s": 40}
# What of it there can be at most, and a round trip.
WAIT_MS = 40_960 + 1_000
# A badge with a new alarm asks this often what is new of it; and as long is that alarm new.
ASKS_MS, NEW_MS = 30_000, 600_000


def received_after(run: Any, state: str = "RECEIVED") -> int:
    """From the press to what the badge heard, ms."""
    # In `pna11` the test of the shift was the first.
    opened_ms = said(run, "alarm.opened")[-1].ticks_ms
    heard_ms = [event.ticks_ms for event in said(run, "alarm.status", state=state)]
    return min(ms for ms in heard_ms if ms > opened_ms) - opened_ms


@pytest.mark.requirement("R18")
@pytest.mark.parametrize("settings", [{}, {"profile": "pna11"}])
def test_an_alarm_has_its_receipt_as_fast_as_without(
    site: Site, tmp_path: Path, settings: dict[str, Any]
) -> None:
    """The radio is idle before it, connected as it goes, and the receipt comes while it is."""
    plain, seldom = (
        lived(site, tmp_path, PRESS_MS + 20_000, [squeeze(PRESS_MS)], settings=settings | more)
        for more in ({}, LONGEST)
    )
    assert abs(received_after(plain) - received_after(seldom)) < 500
    assert received_after(seldom) < 2_000


@pytest.mark.requirement("R18")
# Within 10 s the radio is connected; later the next try brings it, 15 s after the last at most.
@pytest.mark.parametrize(("delay_ms", "most_ms"), [(3_000, 4_500), (12_000, 27_000)])
def test_a_receipt_that_comes_late_is_there_before_the_wearer_is_told_of_none(
    site: Site, tmp_path: Path, delay_ms: int, most_ms: int
) -> None:
    modem = {"remote": {"receipt_delay_ms": delay_ms}}
    events = [squeeze(PRESS_MS)]
    run = lived(site, tmp_path, PRESS_MS + 60_000, events, settings=LONGEST, modem=modem)
    assert received_after(run) < most_ms
    assert "NOT_DELIVERED" not in felt(run)
    assert len(told(run)) == 1


def test_what_the_operator_does_is_late_by_a_cycle_at_most_and_less_in_a_new_alarm(
    site: Site, tmp_path: Path
) -> None:
    """So `docs/power.md` says it; without it both are there at once."""
    modem = {"remote": {"then": [[2, 45_000], [3, 690_000]]}}
    events = [squeeze(PRESS_MS)]
    plain, seldom = (
        lived(site, tmp_path, PRESS_MS + 800_000, events, settings=settings, modem=modem)
        for settings in ({}, LONGEST)
    )
    for state, after_ms, most_ms in (
        ("TAKEN", 45_000, ASKS_MS),
        ("HELP_COMING", 690_000, WAIT_MS),
    ):
        assert received_after(plain, state) - after_ms < 2_000
        assert 5_000 < received_after(seldom, state) - after_ms < most_ms
    assert [fact for fact in seldom.facts if fact.get("modem") == "paged later"]


@pytest.mark.requirement("R07")
def test_who_asks_is_answered_and_pings_are_as_with_a_radio_that_is_called_at_once(
    site: Site, tmp_path: Path
) -> None:
    run = lived(site, tmp_path, 1_000_000, tap(600_000), settings=LONGEST)
    (felt_ms,) = felt_at(run, "PROTECTED")
    assert felt_ms < 601_500
    assert len(said(run, "link.up")) == 1
    assert not said(run, "link.down")


@pytest.mark.requirement("R07")
def test_a_receiver_that_ends_the_session_is_heard_a_cycle_later_at_most(
    site: Site, tmp_path: Path
) -> None:
    modem = {"remote": {"away_ms": [[90_000, 91_000]]}}
    run = lived(site, tmp_path, 150_000, [], settings=LONGEST, modem=modem)
    (down,) = said(run, "link.down")
    assert 95_000 < down.ticks_ms < 90_000 + WAIT_MS
    assert len(said(run, "link.up")) == 2


@pytest.mark.requirement("R18")
@pytest.mark.parametrize(
    ("modem", "most_ms"),
    [
        ({"edrx_granted": "none"}, 12_000),
        ({"edrx_answer": "error"}, 12_000),
        # It has to be switched off and on.
        ({"edrx_answer": "silence"}, 30_000),
    ],
)
def test_a_modem_or_network_that_will_not_do_it_delays_no_alarm(
    site: Site, tmp_path: Path, modem: dict[str, Any], most_ms: int
) -> None:
    """Pressed as the badge has just been switched on, before it is registered."""
    run = lived(site, tmp_path, 60_000, [squeeze(2_000)], settings=LONGEST, modem=modem)
    assert received_after(run) < most_ms
