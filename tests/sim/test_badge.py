"""The whole firmware in virtual time: what wearer and receiver see of falls and faults."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from badge.core.alarm import kinds
from nabij.data import traces
from nabij.virtual.badge import POWER_CUT, Run, Trace, run_fast
from nabij.virtual.body_model import Body
from tests.sim.lives import assert_still_armed, incidents, said, scenario, squeeze
from tests.worlds import Site

PRESS_MS = 15_000


def test_a_cold_session_over_mutual_tls_is_up_within_two_and_a_half_seconds(site: Site) -> None:
    """At 200 ms of RTT, with the stalls of the chip; an alarm then takes one round trip more."""
    run = run_fast(scenario(site, PRESS_MS))
    (up,) = said(run, "link.up")
    assert int(up.fields["took_ms"]) <= 2500


@pytest.mark.requirement("R18")
def test_a_squeeze_is_durable_then_sent_then_received(site: Site) -> None:
    run = run_fast(scenario(site, 25_000, events=[squeeze(PRESS_MS)]))
    (durable,) = said(run, "alarm.durable", state="RAISED")
    (sending,) = said(run, "alarm.sending")
    (received,) = said(run, "alarm.status", state="RECEIVED")
    assert durable.ticks_ms <= sending.ticks_ms <= received.ticks_ms
    assert received.ticks_ms - PRESS_MS < 30_000
    assert [kind for _, _, kind in incidents(run)] == [kinds.SOS]
    assert said(run, "haptic", pattern="RECEIVED")
    assert_still_armed(run)


def test_a_press_too_short_raises_nothing(site: Site) -> None:
    run = run_fast(scenario(site, 20_000, events=[squeeze(PRESS_MS, 1300)]))
    assert not said(run, "alarm.opened")
    assert not incidents(run)


@pytest.mark.requirement("R15")
def test_a_squeeze_is_confirmed_within_two_seconds(site: Site) -> None:
    run = run_fast(scenario(site, 20_000, events=[squeeze(PRESS_MS, 2000)]))
    (opened,) = said(run, "alarm.opened")
    assert opened.ticks_ms - PRESS_MS <= 2000


def test_a_button_that_bounces_and_one_that_sticks_raise_one_alarm(site: Site) -> None:
    bouncing = [{"at_ms": PRESS_MS, "do": "bounce", "closed": True}, squeeze(PRESS_MS + 5)]
    assert len(incidents(run_fast(scenario(site, 25_000, events=bouncing)))) == 1
    stuck = [{"at_ms": PRESS_MS, "do": "sos_down"}]
    run = run_fast(scenario(site, 120_000, events=stuck))
    assert len(incidents(run)) == 1
    assert_still_armed(run)


@pytest.mark.requirement("R03")
@pytest.mark.requirement("R06")
def test_a_modelled_fall_raises_one_alarm_after_its_pre_alarm(site: Site, tmp_path: Path) -> None:
    trace = traces.write_sim_trace(tmp_path / "fall", Body().walk_fall_lie(20.0, 40.0))
    run = run_fast(scenario(site, 60_000, trace=Trace(trace)))
    assert_one_man_down(run)


def recorded(site: Site, tmp_path: Path, bundle: Path, code: str, subject: str) -> Run:
    """A person of FallAllD and the first recording of an activity, worn at the neck."""
    row = next(
        row
        for row in traces.index(bundle)
        if (row["placement"], row["activity_code"], row["subject"]) == ("neck", code, subject)
    )
    samples = traces.load_row(bundle, row).at_badge_rate().samples
    trace = traces.write_sim_trace(tmp_path / "fall", samples)
    return run_fast(scenario(site, 60_000, trace=Trace(trace, start_ms=10_000)))


def test_a_recorded_fall_raises_one_alarm(site: Site, tmp_path: Path, data_dir: Path) -> None:
    assert_one_man_down(recorded(site, tmp_path, data_dir / "fallalld", "A101", "S01"))


@pytest.mark.parametrize("subject", ["S01", "S02", "S07"])
def test_a_person_who_falls_and_gets_up_raises_no_alarm(
    site: Site, tmp_path: Path, data_dir: Path, subject: str
) -> None:
    run = recorded(site, tmp_path, data_dir / "fallalld", "A102", subject)
    (opened,) = said(run, "alarm.opened", state="PRE_ALARM")
    (cleared,) = said(run, "alarm.state", event="CLEAR")
    assert 0 < cleared.ticks_ms - opened.ticks_ms < 20_000
    assert not said(run, "alarm.durable", state="RAISED")
    assert not said(run, "alarm.sending")
    assert not incidents(run)
    assert_still_armed(run)


def assert_one_man_down(run: Run) -> None:
    (opened,) = said(run, "alarm.opened", state="PRE_ALARM")
    (raised,) = said(run, "alarm.durable", state="RAISED")
    assert 0 < raised.ticks_ms - opened.ticks_ms <= 45_000
    impact = max(event.ticks_ms for event in said(run, "motion.impact"))
    (received,) = said(run, "alarm.status", state="RECEIVED")
    assert received.ticks_ms - impact <= 90_000
    assert [kind for _, _, kind in incidents(run)] == [kinds.MAN_DOWN]
    assert said(run, "motion.stored")
    assert_still_armed(run)


def test_getting_up_again_ends_the_pre_alarm(site: Site, tmp_path: Path) -> None:
    person = Body()
    moves = [person.walking(20.0), person.fall(), person.lying(3.0), person.walking(40.0)]
    trace = traces.write_sim_trace(tmp_path / "up", np.concatenate(moves))
    run = run_fast(scenario(site, 60_000, trace=Trace(trace)))
    assert said(run, "alarm.opened", state="PRE_ALARM")
    assert said(run, "alarm.state", event="CLEAR")
    assert not incidents(run)


def test_a_squeeze_in_the_pre_alarm_is_an_sos_at_once(site: Site, tmp_path: Path) -> None:
    trace = traces.write_sim_trace(tmp_path / "fall", Body().walk_fall_lie(20.0, 40.0))
    run = run_fast(scenario(site, 45_000, trace=Trace(trace), events=[squeeze(26_000)]))
    assert [kind for _, _, kind in incidents(run)] == [kinds.SOS]
    (raised,) = said(run, "alarm.durable", state="RAISED")
    assert raised.ticks_ms < 28_000


@pytest.mark.requirement("R09")
@pytest.mark.parametrize("receipts", ["none", "wrong_hmac", "other_badge"])
def test_without_its_own_receipt_an_alarm_is_repeated_and_the_wearer_told(
    site: Site, receipts: str
) -> None:
    run = run_fast(
        scenario(
            site,
            120_000,
            modem={"remote": {"receipts": receipts}},
            events=[squeeze(PRESS_MS), squeeze(100_000)],
        )
    )
    assert not said(run, "alarm.status", state="RECEIVED")
    assert len(said(run, "alarm.sending")) >= 4
    told = said(run, "haptic", pattern="NOT_DELIVERED")[0]
    assert told.ticks_ms - (PRESS_MS + 1500) <= 31_000
    if receipts != "none":
        code = {"wrong_hmac": "wire.mac", "other_badge": "wire.other_badge"}[receipts]
        assert said(run, "link.refused", code=code)
    assert_still_armed(run)


def test_an_alarm_outlives_an_hour_without_coverage(site: Site) -> None:
    run = run_fast(
        scenario(
            site,
            3_900_000,
            modem={"no_coverage_ms": [[10_000, 3_600_000]]},
            events=[squeeze(PRESS_MS)],
        )
    )
    assert said(run, "haptic", pattern="NOT_DELIVERED")
    (received,) = said(run, "alarm.status", state="RECEIVED")
    assert received.ticks_ms > 3_600_000
    assert len(incidents(run)) == 1
    assert_still_armed(run)


@pytest.mark.parametrize("after_ms", [1505, 1600, 1800])
def test_a_power_cut_in_mid_alarm_resumes_it(site: Site, tmp_path: Path, after_ms: int) -> None:
    plan = [squeeze(PRESS_MS), {"at_ms": PRESS_MS + after_ms, "do": "power_cut"}]
    cut = run_fast(scenario(site, 60_000, events=plan), folder=tmp_path)
    assert cut.exit_codes == [POWER_CUT]
    assert said(cut, "alarm.durable", state="RAISED")
    again = run_fast(scenario(site, 60_000), folder=tmp_path)
    assert said(again, "alarm.resumed")
    assert len(set(incidents(cut) + incidents(again))) == 1
    assert said(again, "alarm.status", state="RECEIVED")


def test_the_clock_of_the_chip_may_wrap_in_mid_alarm(site: Site, tmp_path: Path) -> None:
    trace = traces.write_sim_trace(tmp_path / "fall", Body().walk_fall_lie(20.0, 60.0))
    offset_ms = (1 << 30) - 30_000
    run = run_fast(scenario(site, 70_000, trace=Trace(trace), ticks_offset_ms=offset_ms))
    assert [kind for _, _, kind in incidents(run)] == [kinds.MAN_DOWN]
    assert_still_armed(run)


def test_without_an_accelerometer_the_button_still_works(site: Site) -> None:
    run = run_fast(scenario(site, 30_000, imu={"absent": True}, events=[squeeze(PRESS_MS)]))
    assert said(run, "imu.failed", code="imu.absent")
    assert len(incidents(run)) == 1
    assert_still_armed(run)


@pytest.mark.parametrize("kind", ["nak", "stuck"])
def test_after_a_bus_fault_sampling_starts_again(site: Site, kind: str) -> None:
    # For longer than the FIFO holds what was measured meanwhile (tests/sim/test_sensor_faults.py).
    fault = {"at_ms": 12_000, "do": "i2c_fault", "kind": kind, "for_ms": 5500}
    run = run_fast(scenario(site, 40_000, events=[fault, squeeze(30_000)]))
    assert said(run, "imu.failed")
    assert said(run, "imu.started")[-1].ticks_ms > 12_000
    assert len(incidents(run)) == 1
    assert_still_armed(run)


def test_samples_lost_in_a_long_stall_are_reported(site: Site) -> None:
    stall = {"at_ms": 12_000, "do": "stall", "ms": 9000}
    run = run_fast(scenario(site, 40_000, events=[stall, squeeze(30_000)]))
    (overrun,) = said(run, "imu.overrun")
    # 9 s at 104 Hz are 936 samples, of which the FIFO keeps the newest 512.
    assert 936 - 512 - 60 <= int(overrun.fields["lost"]) <= 936 - 512 + 60
    assert len(incidents(run)) == 1


def test_a_full_flash_does_not_keep_an_alarm_from_being_sent(site: Site, tmp_path: Path) -> None:
    filler = tmp_path / "filler.py"
    filler.write_text(
        "n = 0\n"
        "try:\n"
        "    while True:\n"
        "        with open('/filler%d' % n, 'wb') as file:\n"
        "            file.write(bytes(4096))\n"
        "        n += 1\n"
        "except OSError:\n"
        "    pass\n"
    )
    badge = tmp_path / "badge"
    run_fast(scenario(site, 1000, main=filler, stalls="off", flash_blocks=32), folder=badge)
    run = run_fast(
        scenario(site, 40_000, flash_blocks=32, events=[squeeze(PRESS_MS)]), folder=badge
    )
    assert said(run, "journal.failed", code="journal.full")
    assert len(incidents(run)) == 1
    assert_still_armed(run)


@pytest.mark.parametrize(
    ("file", "content", "what"),
    [
        ("config.json", b'{"prealarm_ms": 60000}', "config.refused"),
        ("config.json", b'{"prealrm_ms": 20000}', "config.refused"),
        ("config.json", b"\xff\x00{", "config.refused"),
        ("identity.json", b"{", "identity.unusable"),
        ("badge.der", b"not a certificate", "identity.unusable"),
    ],
)
def test_damaged_provisioning_is_named_and_the_badge_is_armed(
    site: Site, tmp_path: Path, file: str, content: bytes, what: str
) -> None:
    for whole in site.provision.iterdir():
        (tmp_path / whole.name).write_bytes(whole.read_bytes())
    (tmp_path / file).write_bytes(content)
    run = run_fast(scenario(site, 50_000, provision=tmp_path, events=[squeeze(PRESS_MS)]))
    assert said(run, what)
    assert said(run, "alarm.durable", state="RAISED")
    assert_still_armed(run)


def test_a_journal_of_random_bytes_is_reported_and_the_badge_goes_on(
    site: Site, tmp_path: Path
) -> None:
    vandal = tmp_path / "vandal.py"
    vandal.write_text(
        "import os\n"
        "os.mkdir('/alarms')\n"
        "for n in (1, 2):\n"
        "    with open('/alarms/alarms.%d' % n, 'wb') as file:\n"
        "        file.write(bytes((i * 73 + i // 7 * n) & 255 for i in range(3000)))\n"
    )
    run_fast(scenario(site, 2000, main=vandal), folder=tmp_path / "badge")
    run = run_fast(scenario(site, 30_000, events=[squeeze(PRESS_MS)]), folder=tmp_path / "badge")
    assert said(run, "journal.damaged")
    assert len(incidents(run)) == 1
    assert_still_armed(run)
    again = run_fast(scenario(site, 45_000), folder=tmp_path / "badge")
    assert not said(again, "journal.damaged")
    assert_still_armed(again)


@pytest.mark.parametrize("name", ["ca.der", "badge.der", "badge.key.der"])
def test_a_badge_with_an_unusable_certificate_does_not_say_that_it_can_send(
    site: Site, tmp_path: Path, name: str
) -> None:
    provision = tmp_path / "provision"
    shutil.copytree(site.provision, provision)
    (provision / name).write_bytes(b"no certificate")
    run = run_fast(scenario(site, 10_000, provision=provision))
    assert said(run, "identity.unusable")
    assert said(run, "armed", can_send="False")
    assert said(run, "haptic", pattern="NOT_DELIVERED")
    assert not said(run, "haptic", pattern="ARMED")


def test_a_squeeze_during_a_connect_that_fails_starts_another_at_once(site: Site) -> None:
    refusing = {"remote": {"refuse_connects": 9}}
    quiet = run_fast(scenario(site, 200_000, modem=refusing))
    # The seventh attempt is followed by a pause of most of a minute.
    begins_ms = [event.ticks_ms for event in said(quiet, "modem.ready")][6]
    plan = [squeeze(begins_ms - 1390)]
    run = run_fast(scenario(site, 200_000, modem=refusing, events=plan))
    (durable,) = said(run, "alarm.durable", state="RAISED")
    downs = [event.ticks_ms for event in said(run, "link.down")]
    failed_ms = next(ms for ms in downs if ms > durable.ticks_ms)
    assert begins_ms - 500 < durable.ticks_ms < failed_ms
    again_ms = next(
        event.ticks_ms for event in said(run, "modem.ready") if event.ticks_ms > failed_ms
    )
    assert again_ms - failed_ms < 2000


@pytest.mark.requirement("R09", "R18")
def test_a_badge_that_may_not_listen_sends_its_alarm_says_so_and_asks_again(site: Site) -> None:
    """A broker at its limit: the alarm is at the centre, and its wearer feels no false promise."""
    deaf = {"remote": {"refuse_subscriptions": 2}}
    run = run_fast(scenario(site, 200_000, modem=deaf, events=[squeeze(PRESS_MS)]))
    assert [kind for _, _, kind in incidents(run)] == [kinds.SOS]
    first, second = said(run, "link.deaf", code="link.refused")
    assert 50_000 < second.ticks_ms - first.ticks_ms < 75_000
    (up,) = said(run, "link.up")
    assert up.ticks_ms > second.ticks_ms
    assert not said(run, "link.down")
    told = said(run, "haptic", pattern="NOT_DELIVERED")[0]
    assert told.ticks_ms - (PRESS_MS + 1500) <= 31_000
    (received,) = said(run, "haptic", pattern="RECEIVED")
    assert received.ticks_ms > up.ticks_ms
    assert_still_armed(run)
