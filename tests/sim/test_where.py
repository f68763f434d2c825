"""Where the badge is, from a squeeze to the receiver: at once what is known, then satellites."""

from pathlib import Path
from typing import Any

import pytest

from nabij.virtual.badge import Fact, Run
from tests.sim.lives import (
    READY_MS,
    assert_still_armed,
    at,
    felt,
    felt_at,
    incidents,
    lived,
    outputs,
    said,
    squeeze,
    tap,
    told,
)
from tests.worlds import Site

SETTINGS = {"gnss": True}
# Before a window begins, of the time that the end of a session takes.
BETWEEN_MS = 20
# Squeeze to raised.
HELD_MS = 1500
CELL = [204, 8, 0x10A0, 172_776_966, -87]
HERE = [523_702_160, 48_951_680]


def looked(site: Site, folder: Path, duration_ms: int, events: list[Fact], **modem: Any) -> Run:
    return lived(site, folder, duration_ms, events, settings=SETTINGS, modem=modem)


def heard(run: Run) -> list[Fact]:
    """What the receiver heard of alarms, each message once."""
    whats = ("incident", "update", "duplicate")
    return [fact for fact in run.facts if fact.get("remote") in whats]


def test_the_first_message_has_the_cell_and_a_fix_follows_the_receipt(
    site: Site, tmp_path: Path
) -> None:
    run = looked(site, tmp_path, 200_000, [squeeze(READY_MS)])
    first, *more = heard(run)
    assert first["cell"] == CELL
    assert "position" not in first
    assert first["t_ms"] - READY_MS - HELD_MS < 1000
    (received,) = said(run, "alarm.status", state="RECEIVED")[:1]
    (began,) = said(run, "gnss.on")
    assert began.ticks_ms > received.ticks_ms
    (ended,) = said(run, "gnss.off", why="fix")
    (update,) = more
    assert update["rev"] == 2
    lat_e7, lon_e7, accuracy_m, age_s, source = update["position"]
    assert [lat_e7, lon_e7] == HERE
    assert (accuracy_m, source) == (12, 1)
    assert update["t_ms"] - ended.ticks_ms < 30_000
    assert age_s <= 30
    assert len(incidents(run)) == 1
    # Nothing of it was felt.
    assert felt(run).count("RECEIVED") == 1
    assert not {"NO_NETWORK", "NETWORK_BACK", "NOT_DELIVERED"} & set(felt(run))
    assert_still_armed(run)


def test_the_next_alarm_says_at_once_where_the_badge_was_last(site: Site, tmp_path: Path) -> None:
    events = [squeeze(READY_MS), *tap(100_000), squeeze(150_000)]
    run = looked(site, tmp_path, 170_000, events, remote={"then": [[4, 60_000]]})
    first, again = told(run, "incident")
    assert "position" not in first
    lat_e7, lon_e7, _, age_s, _ = again["position"]
    assert [lat_e7, lon_e7] == HERE
    assert age_s == pytest.approx((again["t_ms"] - 71_000) / 1000, abs=3)
    assert again["t_ms"] - 150_000 - HELD_MS < 1000


def test_nothing_of_it_is_on_where_the_settings_do_not_ask_for_it(
    site: Site, tmp_path: Path
) -> None:
    run = lived(site, tmp_path, 120_000, [squeeze(READY_MS)])
    assert [fact for fact in run.facts if "gnss" in fact] == []
    assert [fact["rev"] for fact in heard(run)] == [1]
    assert heard(run)[0]["cell"] == CELL


def test_a_press_in_the_window_ends_it_and_its_alarm_goes_out_like_any_other(
    site: Site, tmp_path: Path
) -> None:
    pressed_ms = 40_000
    run = looked(site, tmp_path, 120_000, [squeeze(READY_MS), squeeze(pressed_ms)])
    (ended,) = said(run, "gnss.off")
    assert ended.fields["why"] == "press"
    assert 0 <= ended.ticks_ms - pressed_ms < 1500
    _, second = told(run, "incident")
    # A whole attachment to the network, which begins before the squeeze is complete.
    assert second["t_ms"] - pressed_ms - HELD_MS < 10_000
    assert felt(run).count("RECEIVED") == 2
    assert "NOT_DELIVERED" not in felt(run)


def test_who_presses_while_the_session_ends_for_a_window_has_none(
    site: Site, tmp_path: Path
) -> None:
    """The modem stays on its network: the alarm waits for a session alone."""
    run = looked(site, tmp_path, 60_000, [squeeze(READY_MS)])
    (began,) = said(run, "gnss.on")
    pressed_ms = began.ticks_ms - BETWEEN_MS
    run = looked(site, tmp_path, 60_000, [squeeze(READY_MS), squeeze(pressed_ms)])
    _, second = told(run, "incident")
    assert second["t_ms"] - pressed_ms - HELD_MS < 3000
    assert all(event.ticks_ms > second["t_ms"] for event in said(run, "gnss.on"))


def test_indoors_it_gives_up_after_a_minute_and_tries_again_in_five(
    site: Site, tmp_path: Path
) -> None:
    # Lost for half of a window would be felt; given up for all of it is not.
    settings = SETTINGS | {"link_lost_s": 30}
    indoors = {"gnss": {"sky": "indoors"}}
    run = lived(site, tmp_path, 420_000, [squeeze(READY_MS)], settings=settings, modem=indoors)
    began = [event.ticks_ms for event in said(run, "gnss.on")]
    ended = said(run, "gnss.off", why="time")
    assert [event.fields["accuracy_m"] for event in ended] == ["None", "None"]
    assert began[1] - began[0] >= 300_000
    assert ended[0].ticks_ms - began[0] < 63_000
    # What it reported of places that it did not know went nowhere.
    assert all("position" not in fact for fact in heard(run))
    assert len(heard(run)) == 1
    assert not {"NO_NETWORK", "NOT_DELIVERED"} & set(felt(run))


def test_who_has_taken_it_during_the_window_is_felt_after_it(site: Site, tmp_path: Path) -> None:
    then = {"then": [[2, 20_000], [3, 30_000]]}
    run = looked(site, tmp_path, 150_000, [squeeze(READY_MS)], remote=then)
    (began,), (ended,) = said(run, "gnss.on"), said(run, "gnss.off")
    told_ms = [READY_MS + HELD_MS + ms for _, ms in then["then"]]
    assert all(began.ticks_ms < at_ms < ended.ticks_ms for at_ms in told_ms)
    (help_ms,) = felt_at(run, "HELP_COMING")
    assert 0 < help_ms - ended.ticks_ms < 15_000


@pytest.mark.parametrize("crash_ms", [500, 20_000])
def test_a_modem_that_crashes_in_the_window_is_back_on_its_network_soon(
    site: Site, tmp_path: Path, crash_ms: int
) -> None:
    then = {"then": [[2, 30_000]]}
    gnss = {"crash_ms": crash_ms}
    run = looked(site, tmp_path, 200_000, [squeeze(READY_MS)], gnss=gnss, remote=then)
    crashed = next(fact["t_ms"] for fact in run.facts if fact.get("modem") == "crashed")
    assert len(said(run, "gnss.stuck")) == 1
    # Its power key is of no use: found out by the link alone that would take a minute.
    up = [event.ticks_ms for event in said(run, "link.up") if event.ticks_ms > crashed]
    assert up[0] - crashed < 40_000
    assert len(felt_at(run, "TAKEN")) == 1
    assert "NO_NETWORK" not in felt(run)
    assert_still_armed(run)


@pytest.mark.parametrize(
    ("moves", "drives"),
    [({"kmh": 80}, True), ({"kmh": 24}, False), ({"kmh": 80, "accuracy_m": 31}, False)],
    ids=["on a road", "slow", "vague"],
)
def test_a_window_tells_the_badge_alone_that_its_wearer_is_driven(
    site: Site, tmp_path: Path, moves: dict[str, int], *, drives: bool
) -> None:
    """Heard for as long as one fix is of now, and no word more is sent for it."""
    run = lived(
        site, tmp_path, 200_000, [squeeze(READY_MS)], settings=SETTINGS, modem={"gnss": moves}
    )
    (ended,) = said(run, "gnss.off", why="fix")
    began = [event.ticks_ms for event in said(run, "mandown.silenced", reason="driving")]
    over = [event.ticks_ms for event in said(run, "mandown.heard", reason="driving")]
    assert len(began) == len(over) == drives
    if drives:
        assert abs(began[0] - ended.ticks_ms) < 2500
        assert over[0] - began[0] == pytest.approx(60_000, abs=2500)
    assert [fact["rev"] for fact in heard(run)] == [1, 2]
    assert "NO_NETWORK" not in felt(run)
    assert_still_armed(run)


@pytest.mark.requirement("R19")
def test_a_window_under_duress_shows_nothing(site: Site, tmp_path: Path) -> None:
    """Whoever forces the wearer to call it false sees no more than one who was not forced."""
    calm, forced = (
        looked(site, tmp_path, 200_000, [squeeze(READY_MS), *calls], gnss={"old": 0})
        for calls in (tap(READY_MS + 4000, "left", 2), tap(READY_MS + 4000, "right", 2))
    )
    for run in (calm, forced):
        assert len(said(run, "gnss.off", why="fix")) == 1
        began_ms = said(run, "gnss.on")[0].ticks_ms
        assert [one for one in outputs(run) if began_ms < one[0] < 200_000] == []
    shapes = [[(fact["remote"], fact["rev"]) for fact in heard(run)] for run in (calm, forced)]
    assert shapes[0] == shapes[1]
    assert heard(forced)[-1]["position"][:2] == HERE


def test_without_coverage_it_looks_when_there_is_nothing_to_lose(
    site: Site, tmp_path: Path
) -> None:
    settings = SETTINGS | {"gnss_anyway_s": 120, "shift_test": False}
    gone = [[READY_MS - 2000, 600_000]]
    run = lived(
        site,
        tmp_path,
        700_000,
        [squeeze(READY_MS)],
        settings=settings,
        modem={"no_coverage_ms": gone},
    )
    began = said(run, "gnss.on")
    assert began[0].ticks_ms - READY_MS - HELD_MS >= 120_000
    (received,) = felt_at(run, "RECEIVED")
    # What was under way since before the window has none.
    (update,) = [fact for fact in heard(run) if fact["remote"] == "update"]
    assert update["position"][:2] == HERE
    assert received > 600_000
    assert len(felt_at(run, "NOT_DELIVERED")) == 1
    assert len(incidents(run)) == 1


def test_another_cell_is_told_to_an_open_alarm(site: Site, tmp_path: Path) -> None:
    moved_ms = 80_000
    run = lived(
        site,
        tmp_path,
        100_000,
        [squeeze(READY_MS), at(moved_ms, "modem", what="cell", ci=4242)],
    )
    first, update = heard(run)
    assert first["cell"] == CELL
    assert update["cell"] == [204, 8, 0x10A0, 4242, -87]
    assert update["rev"] == 2
    assert update["t_ms"] - moved_ms < 3000
    assert felt(run).count("RECEIVED") == 1


def test_a_window_is_charged_to_the_battery(site: Site, tmp_path: Path) -> None:
    run = looked(site, tmp_path, 120_000, [squeeze(READY_MS)], gnss={"sky": "indoors"})
    energy = next(fact["energy"] for fact in reversed(run.facts) if "energy" in fact)
    # A minute of 30 mA at 3.3 V.
    assert energy["parts"]["gnss"]["on"] == pytest.approx(30 / 60 * 3.3 / 3.7 / 0.85, rel=0.1)


@pytest.mark.parametrize("is_on", [False, True])
def test_on_shift_it_is_told_now_and_then_where_that_is_switched_on(
    site: Site, tmp_path: Path, *, is_on: bool
) -> None:
    settings = {"locate_on_shift": is_on, "locate_every_min": 5, "shift_min": 8}
    run = lived(site, tmp_path, 900_000, [], settings=settings)
    hellos = told(run, "hello")
    assert hellos
    # At the connect, after five minutes, and no more once the shift is over.
    places = [fact["cell"] for fact in hellos if fact.get("cell")]
    assert places == ([CELL, CELL] if is_on else [])
