"""The same stories on each board, where its form can live them; what it lacks is told."""

from pathlib import Path

import pytest

from nabij.hardware import boards
from tests.sim.lives import assert_still_armed, at, felt, incidents, said, squeeze, tap, told
from tests.sim.wlan_badge import lived_on as lived
from tests.worlds import Site

FOB = "xiao_s3_fob"
OTHERS = [board for board in boards.all_ids() if "modem" not in boards.load(board).uplink.kinds]
PRESS_MS = 40_000


@pytest.mark.parametrize("board", OTHERS)
def test_a_press_becomes_one_incident_and_is_felt_to_be_received(
    site: Site, tmp_path: Path, board: str
) -> None:
    run = lived(site, tmp_path, board, 70_000, [squeeze(PRESS_MS)])
    (received,) = said(run, "alarm.status", state="RECEIVED")
    assert received.ticks_ms - PRESS_MS < 4_000
    assert len(incidents(run)) == 1
    assert felt(run)[:3] == ["ARMED", "RAISED", "RECEIVED"]
    assert_still_armed(run)


@pytest.mark.parametrize("board", OTHERS)
def test_what_the_form_lacks_is_told_to_who_asks_and_to_the_centre(
    site: Site, tmp_path: Path, board: str
) -> None:
    """A tap asks; the centre hears once of what lasts for a quarter of an hour of the shift."""
    run = lived(site, tmp_path, board, 1_000_000, tap(PRESS_MS))
    (asked,) = said(run, "protected")
    assert asked.fields["verdict"] == "limited"
    assert "form" in asked.fields["why"].split(",")
    assert "LIMITED" in felt(run)
    assert [fact["reason"] for fact in told(run, "technical")].count(30) == 1
    (off,) = said(run, "config.form")
    assert off.fields["tilt_alarm"] == "False"
    assert_still_armed(run)


@pytest.mark.parametrize(
    ("board", "names"),
    [("t_watch_s3", ["ble_after_s", "relay_scan_s", "tag_scan", "gnss"]), (FOB, ["gnss"])],
)
def test_what_is_set_and_has_no_part_is_named_once_at_the_start(
    site: Site, tmp_path: Path, board: str, names: list[str]
) -> None:
    settings = {"ble_after_s": 15, "relay_scan_s": 30, "tag_scan": True, "gnss": True}
    run = lived(site, tmp_path, board, 20_000, [], settings=settings)
    assert [event.fields["setting"] for event in said(run, "config.in_vain")] == names
    assert_still_armed(run)


@pytest.mark.parametrize("board", OTHERS)
def test_a_check_in_is_answered_with_the_one_button(
    site: Site, tmp_path: Path, board: str
) -> None:
    settings = {"check_in_min": 1, "check_in_jitter_s": 0, "check_in_grace_s": 60}
    run = lived(site, tmp_path, board, 110_000, tap(75_000), settings=settings)
    assert felt(run)[-2:] == ["CHECK_IN_DUE", "CHECKED_IN"]
    assert incidents(run) == []
    assert_still_armed(run)


def test_the_fob_knows_its_battery_by_its_voltage_and_goes_dark_with_it(
    site: Site, tmp_path: Path
) -> None:
    events = [at(20_000, "battery", percent=7), at(150_000, "battery", percent=0)]
    run = lived(site, tmp_path, FOB, 400_000, events)
    levels = [event.fields["level"] for event in said(run, "power.level")]
    assert levels[0] in ("saving", "reserve")
    assert "LOW_BATTERY" in felt(run)
    assert run.exit_codes == [43]
