"""Where the badge is, by a satellite receiver on a serial line: beside the network."""

from pathlib import Path
from typing import Any

import pytest

from nabij.hardware import boards
from nabij.hardware.board_parts import Board
from nabij.virtual.badge import Fact, Run, run_fast
from tests.firmware.tasks.usb.console import answers, asked, keyed
from tests.sim.lives import (
    READY_MS,
    assert_still_armed,
    at,
    felt,
    felt_at,
    incidents,
    outputs,
    said,
    scenario,
    squeeze,
    tap,
    told,
)
from tests.worlds import Site

BOARD = "t_sim7080g_s3"
HELD_MS = 1500
# Half a unit of the fifth decimal of a minute.
HERE = (pytest.approx(523_702_160, abs=2), pytest.approx(48_951_680, abs=2))


def fitted() -> Board:
    """The reference badge with the receiver that a builder may solder to it."""
    text = (boards.DEFINITIONS / f"{BOARD}.toml").read_text(encoding="utf-8")
    absent = "[gnss]\nfitted = false\n"
    assert text.count(absent) == 1
    return boards.parse(BOARD, text.replace(absent, "[gnss]\nfitted = true\n"))


def looked(
    site: Site,
    folder: Path,
    duration_ms: int,
    events: list[Fact],
    *,
    settings: dict[str, Any] | None = None,
    modem: dict[str, Any] | None = None,
    key_ms: int | None = None,
    **gnss: Any,
) -> Run:
    """One life of that badge; with `key_ms` the service key is shown then."""
    chosen = {"shift_test": False, "gnss": True, **(settings or {})}
    number = len(list(folder.iterdir()))
    life = scenario(
        site,
        duration_ms,
        modem=modem,
        provision=site.provision_with(folder / f"provision{number}", chosen),
        events=events,
        definition=fitted(),
        gnss=gnss,
    )
    run = run_fast(life if key_ms is None else keyed(site, life, key_ms))
    assert_still_armed(run)
    return run


def heard(run: Run) -> list[Fact]:
    """What the receiver heard of alarms, each message once."""
    return [
        fact for fact in run.facts if fact.get("remote") in ("incident", "update", "duplicate")
    ]


def supplied(run: Run) -> list[tuple[str, float]]:
    return [(fact["gnss"], fact["t_ms"]) for fact in run.facts if "gnss" in fact]


def test_a_fix_follows_while_the_session_stays_open(site: Site, tmp_path: Path) -> None:
    run = looked(site, tmp_path, 120_000, [squeeze(READY_MS)])
    first, update = heard(run)
    assert "position" not in first
    assert first["t_ms"] - READY_MS - HELD_MS < 1000
    lat_e7, lon_e7, accuracy_m, age_s, source = update["position"]
    assert (lat_e7, lon_e7) == HERE
    # HDOP 1.2, five metres a unit.
    assert (accuracy_m, source) == (6, 1)
    assert age_s <= 5
    # A cold start of 30 s, and the fixes of last week that it begins with.
    assert update["t_ms"] - READY_MS < 45_000
    assert len(said(run, "link.up")) == 1
    assert not said(run, "link.down")
    assert [what for what, _ in supplied(run)] == ["on", "off"]
    assert len(incidents(run)) == 1
    assert felt(run).count("RECEIVED") == 1


def test_without_a_window_the_receiver_has_no_supply(site: Site, tmp_path: Path) -> None:
    assert supplied(looked(site, tmp_path, 90_000, [])) == []
    off = {"gnss": False}
    assert supplied(looked(site, tmp_path, 90_000, [squeeze(READY_MS)], settings=off)) == []


def test_who_takes_it_during_the_window_is_felt_at_once(site: Site, tmp_path: Path) -> None:
    then = {"then": [[2, 10_000], [3, 20_000]]}
    run = looked(
        site, tmp_path, 100_000, [squeeze(READY_MS)], modem={"remote": then}, sky="indoors"
    )
    (began,), (ended,) = said(run, "gnss.on"), said(run, "gnss.off", why="time")
    (help_ms,) = felt_at(run, "HELP_COMING")
    assert began.ticks_ms < help_ms < ended.ticks_ms
    assert help_ms - (READY_MS + HELD_MS + 20_000) < 5_000


def test_a_second_alarm_in_the_window_goes_out_as_if_there_were_none(
    site: Site, tmp_path: Path
) -> None:
    pressed_ms = 30_000
    run = looked(site, tmp_path, 120_000, [squeeze(READY_MS), squeeze(pressed_ms)])
    second = told(run, "incident")[1]
    assert second["t_ms"] - pressed_ms - HELD_MS < 1000
    # Nor did it end the window.
    assert len(said(run, "gnss.on")) == len(said(run, "gnss.off", why="fix")) == 1


def test_at_most_one_window_in_five_minutes_and_a_minute_of_current(
    site: Site, tmp_path: Path
) -> None:
    run = looked(site, tmp_path, 420_000, [squeeze(READY_MS)], sky="indoors")
    began = [event.ticks_ms for event in said(run, "gnss.on")]
    assert len(began) == 2
    assert began[1] - began[0] >= 300_000
    assert [event.fields["accuracy_m"] for event in said(run, "gnss.off")] == ["None", "None"]
    # What it said of a place without a fix went nowhere.
    assert all("position" not in fact for fact in heard(run))
    energy = next(fact["energy"] for fact in reversed(run.facts) if "energy" in fact)
    # Two minutes of 30 mA at 3.3 V.
    assert energy["parts"]["gnss_serial"]["on"] == pytest.approx(
        2 * 30 / 60 * 3.3 / 3.7 / 0.85, rel=0.1
    )


def test_without_coverage_it_looks_all_the_same_and_its_place_comes_with_the_network(
    site: Site, tmp_path: Path
) -> None:
    gone = {"no_coverage_ms": [[READY_MS - 2000, 120_000]]}
    run = looked(site, tmp_path, 300_000, [squeeze(READY_MS)], modem=gone)
    (ended,) = said(run, "gnss.off", why="fix")
    assert ended.ticks_ms < 60_000
    # What was under way since before the window has none; the next one is not waited for.
    (update,) = told(run, "update")
    assert tuple(update["position"][:2]) == HERE
    assert update["t_ms"] - told(run)[0]["t_ms"] < 5_000
    assert len(incidents(run)) == 1


@pytest.mark.parametrize(
    "trouble",
    [
        {"noise": 0.002},
        {"torn": 0.4},
        {"false": 0.4},
        {"talker": "GL"},
        {"talker": "GP", "lies": False},
    ],
    ids=str,
)
def test_a_bad_line_gives_the_true_place_or_none(
    site: Site, tmp_path: Path, trouble: dict[str, Any]
) -> None:
    run = looked(site, tmp_path, 120_000, [squeeze(READY_MS)], **trouble)
    places = [tuple(fact["position"][:2]) for fact in heard(run) if "position" in fact]
    assert places
    assert all(place == HERE for place in places)


@pytest.mark.parametrize(
    ("trouble", "events"),
    [
        ({"unplugged": True}, []),
        ({"floods": True}, []),
        ({}, [at(30_030, "gnss", what="unplug")]),
        ({}, [at(30_030, "gnss", what="flood")]),
    ],
    ids=["silent", "floods", "unplugged in the middle", "floods in the middle"],
)
def test_a_receiver_that_fails_is_said_and_costs_the_alarm_nothing(
    site: Site, tmp_path: Path, trouble: dict[str, Any], events: list[Fact]
) -> None:
    pressed_ms = 36_000
    life = [squeeze(READY_MS), *events, squeeze(pressed_ms)]
    run = looked(site, tmp_path, 90_000, life, **trouble)
    (failed,) = said(run, "gnss.failed")
    assert failed.fields["code"] == "gnss.silent"
    assert [what for what, _ in supplied(run)] == ["on", "off"]
    (_, began_ms), (_, ended_ms) = supplied(run)
    assert ended_ms - began_ms < (9_000 if not events else 25_000)
    second = told(run, "incident")[1]
    assert second["t_ms"] - pressed_ms - HELD_MS < 1000
    assert felt(run).count("RECEIVED") == 2


def test_a_window_ends_with_the_alarm(site: Site, tmp_path: Path) -> None:
    then = {"then": [[4, 10_000]]}
    run = looked(site, tmp_path, 90_000, [squeeze(READY_MS)], modem={"remote": then})
    (ended,) = said(run, "gnss.off", why="closed")
    assert ended.ticks_ms - (READY_MS + HELD_MS + 10_000) < 3_000


def test_ctrl_c_in_a_window_takes_its_supply(site: Site, tmp_path: Path) -> None:
    run = looked(site, tmp_path, 34_000, [squeeze(READY_MS), at(30_000, "usb_break")])
    off = [at_ms for what, at_ms in supplied(run) if what == "off"]
    assert off
    assert off[0] - 30_000 < 2_000


@pytest.mark.parametrize(
    ("trouble", "at_ms", "heard_of"),
    [({}, 60_000, True), ({"unplugged": True}, 60_000, False), ({}, 25_000, True)],
    ids=["it answers", "it is silent", "in a window"],
)
def test_who_asks_whether_it_answers_is_told_and_takes_no_window_away(
    site: Site, tmp_path: Path, trouble: dict[str, Any], at_ms: int, *, heard_of: bool
) -> None:
    ask = asked(at_ms, 1, "selftest", check="gnss")
    life = [squeeze(READY_MS), ask]
    run = looked(site, tmp_path, 75_000, life, key_ms=at_ms - 1_000, **trouble)
    facts = answers(run)[1]["ok"]
    assert bool(facts["sentences"]) == bool(facts["bytes"]) == heard_of
    assert supplied(run)[-1][0] == "off"
    if not trouble:
        assert len(said(run, "gnss.off", why="fix")) == 1


@pytest.mark.requirement("R19")
def test_a_window_under_duress_shows_nothing(site: Site, tmp_path: Path) -> None:
    """Whoever forces the wearer to call it false sees no more than one who was not forced."""
    calm, forced = (
        looked(site, tmp_path, 120_000, [squeeze(READY_MS), *calls])
        for calls in (tap(READY_MS + 4000, "left", 2), tap(READY_MS + 4000, "right", 2))
    )
    for run in (calm, forced):
        assert len(said(run, "gnss.off")) == 1
    assert [one[1:] for one in outputs(calm)] == [one[1:] for one in outputs(forced)]
    shapes = [[(fact["remote"], fact["rev"]) for fact in heard(run)] for run in (calm, forced)]
    assert shapes[0] == shapes[1]
