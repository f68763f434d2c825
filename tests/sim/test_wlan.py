"""WLAN as the way to the receiver: joined, lost and found again, and beside a modem."""

from pathlib import Path
from typing import Any

import pytest

from tests.sim.lives import assert_still_armed, at, felt, felt_at, incidents, said, squeeze, told
from tests.sim.wlan_badge import NAME, PASSWORD, SETTINGS, lived, wlan
from tests.worlds import Site

PRESS_MS = 60_000
TOLD_MS = 30_000


def test_a_squeeze_has_its_receipt_by_wlan(site: Site, tmp_path: Path) -> None:
    networks = f"next door=another one\n{SETTINGS['wlan_networks']}"
    run = lived(
        site,
        tmp_path,
        90_000,
        [squeeze(PRESS_MS)],
        settings={**SETTINGS, "wlan_networks": networks},
        wlan=wlan(site),
    )
    (received,) = said(run, "alarm.status", state="RECEIVED")
    assert received.ticks_ms - PRESS_MS < 2_000
    assert len(incidents(run)) == 1
    assert [event.fields["name"] for event in said(run, "wlan.joined")] == ["ward"]
    assert [fact for fact in run.facts if "sleep" in fact] == []
    assert PASSWORD not in "\n".join(run.console)
    assert_still_armed(run)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"name": "another"}, "wlan.no_network"),
        ({"password": "another one"}, "wlan.password"),
        ({"password": "another one", "refusal": 202}, "wlan.password"),
        ({"join_ms": 16_000}, "wlan.timeout"),
        ({"no_memory": True}, "wlan.dead"),
        ({"dns": False}, "wlan.dns"),
    ],
)
def test_who_cannot_be_reached_is_said_and_felt_and_the_chip_sleeps_between(
    site: Site, tmp_path: Path, options: dict[str, object], code: str
) -> None:
    run = lived(site, tmp_path, 120_000, [squeeze(PRESS_MS)], wlan=wlan(site, **options))
    assert {event.fields["code"] for event in said(run, "link.down")} == {code}
    assert "NOT_DELIVERED" in felt(run)
    assert incidents(run) == []
    (energy,) = [fact["energy"] for fact in run.facts if "energy" in fact]
    if code != "wlan.dns":
        # With the radio on there is no light sleep.
        assert energy["parts"]["mcu"].get("sleep", 0) > 0
    assert_still_armed(run)


@pytest.mark.parametrize("lost", [at(40_000, "wlan_drop"), None])
def test_an_association_that_is_lost_is_found_again_and_costs_no_alarm(
    site: Site, tmp_path: Path, lost: dict[str, object] | None
) -> None:
    """Sent away, or out of reach for twenty seconds around the squeeze."""
    events = [squeeze(PRESS_MS)] if lost is None else [lost, squeeze(PRESS_MS)]
    gap = [[PRESS_MS - 10_000, PRESS_MS + 10_000]] if lost is None else []
    run = lived(site, tmp_path, 150_000, events, wlan=wlan(site, no_coverage_ms=gap))
    assert len(said(run, "link.up")) == 2
    (received,) = said(run, "alarm.status", state="RECEIVED")
    assert received.ticks_ms - PRESS_MS < 45_000
    assert len(incidents(run)) == 1
    assert_still_armed(run)


def test_a_board_without_a_modem_and_without_a_network_says_that_it_cannot_send(
    site: Site, tmp_path: Path
) -> None:
    settings = {"shift_test": False}
    asks = at(12_000, "press", button="left", ms=120)
    run = lived(site, tmp_path, 20_000, [asks], settings=settings, wlan=wlan(site))
    assert [event.fields["can_send"] for event in said(run, "armed")] == ["False"]
    assert len(said(run, "link.none")) == 1
    assert felt(run)[0] == "NOT_DELIVERED"
    (told,) = said(run, "protected")
    assert (told.fields["verdict"], told.fields["why"].split(",")[0]) == ("no", "network")
    assert_still_armed(run)


def test_beside_a_modem_wlan_is_for_who_asks_and_for_when_the_modem_fails(
    site: Site, tmp_path: Path
) -> None:
    both: dict[str, Any] = {"uplinks": ("modem", "wlan"), "wlan": wlan(site)}
    dead = site.modem(registration=3)
    asks = {**SETTINGS, "wlan_beside_modem": True}
    silent = lived(site, tmp_path, 200_000, [squeeze(PRESS_MS)], modem=dead, **both)
    assert not said(silent, "wlan.joining")
    assert incidents(silent) == []
    helped = lived(site, tmp_path, 260_000, [squeeze(PRESS_MS)], modem=dead, settings=asks, **both)
    assert len(incidents(helped)) == 1
    # One receiver of both ways: the modem's sessions end each time that the alarm is sent.
    shared: dict[str, Any] = {
        "uplinks": ("modem", "wlan"),
        "wlan": {"name": NAME, "password": PASSWORD},
    }
    drops = site.modem(remote={"receipt_delay_ms": 20_000})
    events = [squeeze(PRESS_MS), at(PRESS_MS + 2_500, "modem", what="card_out")]
    twice = lived(site, tmp_path, 260_000, events, modem=drops, settings=asks, **shared)
    assert len(incidents(twice)) == 1
    assert said(twice, "wlan.joined")
    assert felt(twice).count("RECEIVED") == 1
    well = lived(
        site, tmp_path, 90_000, [squeeze(PRESS_MS)], modem=site.modem(), settings=asks, **both
    )
    assert len(incidents(well)) == 1
    assert not said(well, "wlan.joining")


def test_each_way_learns_by_itself_how_long_it_may_be_silent(site: Site, tmp_path: Path) -> None:
    gone_ms = 1_800_000
    run = lived(
        site,
        tmp_path,
        gone_ms + 300_000,
        [],
        uplinks=("modem", "wlan"),
        settings={**SETTINGS, "wlan_beside_modem": True},
        modem=site.modem(no_coverage_ms=[[gone_ms, 10_000_000]]),
        wlan=wlan(site),
    )
    by_modem = [one["keepalive_s"] for one in told(run, "hello") if one["t_ms"] < gone_ms]
    by_wlan = [one["keepalive_s"] for one in told(run, "hello") if one["t_ms"] > gone_ms]
    assert (by_modem[0], by_modem[-1]) == (60, 300)
    assert by_wlan[0] == 60
    assert said(run, "wlan.joined")


@pytest.mark.requirement("R18")
@pytest.mark.parametrize(
    ("gone_ms", "press_ms", "wlan_options", "within_ms"),
    [
        # It looks for a network since it was switched on, for less and for more than a turn.
        (0, 20_000, {}, 20_000),
        (0, 70_000, {}, 10_000),
        # Its session is the main way, and is lost ten seconds before, and with the squeeze.
        (PRESS_MS - 10_000, PRESS_MS, {}, 20_000),
        (PRESS_MS - 100, PRESS_MS, {}, 20_000),
        # A network that takes longer than its first turn to let the badge in has another.
        (PRESS_MS - 100, PRESS_MS, {"join_ms": 13_500}, 80_000),
    ],
)
def test_an_alarm_does_not_wait_for_a_modem_that_looks_for_its_network(
    site: Site,
    tmp_path: Path,
    gone_ms: int,
    press_ms: int,
    wlan_options: dict[str, int],
    within_ms: int,
) -> None:
    run = lived(
        site,
        tmp_path,
        press_ms + 100_000,
        [squeeze(press_ms)],
        modem=site.modem(no_coverage_ms=[[gone_ms, 10_000_000]]),
        settings={**SETTINGS, "shift_test": True, "wlan_beside_modem": True},
        uplinks=("modem", "wlan"),
        wlan=wlan(site, **wlan_options),
    )
    (received,) = said(run, "alarm.status", state="RECEIVED")
    assert received.ticks_ms - press_ms < within_ms
    # The way that is up tells why the other one is not, which goes on.
    hellos = [fact for fact in run.facts if fact.get("remote") == "hello"]
    assert len(hellos[-1]["outage"]) == 3
    assert hellos[-1]["outage"][0] in (4, 5)
    assert bool(felt_at(run, "NOT_DELIVERED")) == (within_ms > TOLD_MS)
    assert len(incidents(run)) == 1
    assert_still_armed(run)


def test_a_way_that_works_is_not_left_for_long_to_see_whether_the_cheaper_one_does(
    site: Site, tmp_path: Path
) -> None:
    """Five minutes after it failed the modem has twenty seconds, and alone it would have 120."""
    run = lived(
        site,
        tmp_path,
        560_000,
        [squeeze(120_000)],
        modem=site.modem(no_coverage_ms=[[PRESS_MS, 10_000_000]]),
        settings={**SETTINGS, "wlan_beside_modem": True},
        uplinks=("modem", "wlan"),
        wlan=wlan(site),
    )
    left = [(event.fields["name"], event.ticks_ms) for event in said(run, "link.bearer")]
    assert [name for name, _ in left] == ["wlan", "lte_m", "wlan"]
    assert left[2][1] - left[1][1] < 30_000
    assert_still_armed(run)


@pytest.mark.requirement("R18")
@pytest.mark.parametrize("fault", ["hang", "boots"])
def test_an_alarm_does_not_wait_for_a_modem_that_does_not_answer(
    site: Site, tmp_path: Path, fault: str
) -> None:
    """It hangs with the squeeze, or takes very long to start."""
    events = [squeeze(PRESS_MS)]
    options = {"boot_ms": 400_000}
    if fault == "hang":
        events, options = [at(PRESS_MS - 100, "modem", what="hang"), *events], {}
    run = lived(
        site,
        tmp_path,
        PRESS_MS + 60_000,
        events,
        modem=site.modem(**options),
        settings={**SETTINGS, "shift_test": True, "wlan_beside_modem": True},
        uplinks=("modem", "wlan"),
        wlan=wlan(site),
    )
    (received,) = said(run, "alarm.status", state="RECEIVED")
    assert received.ticks_ms - PRESS_MS < TOLD_MS
    assert_still_armed(run)


@pytest.mark.requirement("R09")
def test_a_radio_that_cannot_be_switched_off_keeps_no_alarm_from_the_modem(
    site: Site, tmp_path: Path
) -> None:
    """The modem has no network at first, and nobody answers behind the access point."""
    run = lived(
        site,
        tmp_path,
        420_000,
        [squeeze(PRESS_MS)],
        modem=site.modem(no_coverage_ms=[[0, 200_000]]),
        settings={**SETTINGS, "wlan_beside_modem": True},
        uplinks=("modem", "wlan"),
        wlan=wlan(site, stuck=True, dns=False),
    )
    assert said(run, "wlan.joined")
    assert len(incidents(run)) == 1
    assert_still_armed(run)


def test_an_address_that_no_name_server_can_be_asked_for_costs_no_alarm(
    site: Site, tmp_path: Path
) -> None:
    """A modem may know what to do with it."""
    settings = {**SETTINGS, "more_addresses": "a" * 64 + ".example"}
    life = wlan(site, remote={"refuse_connects": 1})
    run = lived(site, tmp_path, 90_000, [squeeze(PRESS_MS)], settings=settings, wlan=life)
    assert len(incidents(run)) == 1
    assert said(run, "supervisor.crash") == []
