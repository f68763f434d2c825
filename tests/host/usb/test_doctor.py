"""`nabij doctor`: what a badge finds out about itself, and the verdict that a person reads."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from typer.testing import CliRunner

from nabij.centre.service import Receiver
from nabij.cli.app import app
from nabij.usb import doctor
from nabij.usb.device import Device
from nabij.usb.errors import BadgeRefusal
from nabij.virtual.badge import Run, run_fast
from nabij.virtual.scenario import Scenario
from nabij.virtual.usb_badge import VirtualUsbBadge
from tests.firmware.tasks.usb.console import answers, keyed
from tests.ports import free_port
from tests.worlds import Site, make_site

# Those that wait or block; the others only read.
CHECKS = ("imu", "noise", "rate", "motor", "network", "flash")
SLOTS = [["a", "good", 5, "0.5", 0], ["b", "empty", 0, "", 0]]
WELL: dict[str, dict[str, Any]] = {
    "imu": {"moved_mg": [400, 380, 900]},
    "noise": {"mean_mg": [10, -998, 30], "spread_mg": [12, 9, 15], "samples": 208},
    "rate": {"rate_mhz": 103_500, "lost": 0},
    "button": {"pressed": False},
    "motor": {"pulses": 6},
    "modem": {"answers": True},
    "sim": {"state": "READY"},
    "network": {"registration": 1, "rsrp_dbm": -87, "area": 4256, "cell": 17},
    "wlan": {"failed": "wlan.none", "why": "this board has no WLAN"},
    "link": {"up": True, "took_ms": 1473, "last_failure": None},
    "sms": {"state": "off"},
    "gnss": {"failed": "gnss.none", "why": "this board has none of its own"},
    "flash": {
        "free_bytes": 900_000,
        "size_bytes": 1 << 20,
        "reads_back": True,
        "journal_ready": True,
    },
    "clock": {"utc_s": None},
    "slots": {"running": "a", "next": "a", "floor": 5, "mpy": 1, "slots": SLOTS},
}
FULL = {"percent": 99, "mv": 4142, "vbus": True, "charging": False, "charged": True}


class Badge:
    """A badge that has found out `facts`, instead of one that finds out."""

    def __init__(self, power: dict[str, Any] | None, **facts: dict[str, Any]) -> None:
        self.power = power
        self.heap_free: int | None = facts.pop("memory", {"free": 1_700_000})["free"]
        self.facts = WELL | facts
        self.info = {
            "firmware": "0.5",
            "board": "x",
            "slot": "a",
            "provisioned": True,
            "badge": "b",
            **self.facts.pop("info", {}),
        }

    def request(self, verb: str, **fields: Any) -> dict[str, Any]:
        if verb == "status":
            known = {"open_alarms": 0, "heap_free": self.heap_free}
            return known | ({} if self.power is None else {"power": self.power})
        facts = self.facts[fields["check"]]
        if "refused" in facts:
            raise BadgeRefusal(facts["refused"], "no", "port")
        return facts


def findings(
    power: dict[str, Any] | None = FULL, **facts: dict[str, Any]
) -> dict[str, doctor.Finding]:
    found = doctor.examine(cast("Device", Badge(power, **facts)), wait_s=0)
    return {finding.part: finding for finding in found}


@pytest.mark.parametrize(
    ("part", "check", "facts", "says"),
    [
        ("accelerometer", "imu", {"moved_mg": [400, 49, 400]}, "50 to 1700"),
        ("accelerometer", "imu", {"moved_mg": [400, 1701, 400]}, "50 to 1700"),
        ("accelerometer", "imu", {"failed": "imu.absent", "why": "none"}, "wires"),
        ("accelerometer", "imu", {"failed": "selftest.alarm", "why": "open"}, "close"),
        ("accelerometer", "imu", {"refused": "usb.verb"}, "nabij update"),
        ("noise", "noise", {"mean_mg": [0, 1000, 0], "spread_mg": [5, 400, 5]}, "still"),
        ("noise", "noise", {"mean_mg": [0, 500, 0], "spread_mg": [5, 5, 5]}, "replace"),
        ("sample rate", "rate", {"rate_mhz": 90_000, "lost": 0}, "104"),
        ("sample rate", "rate", {"rate_mhz": 104_000, "lost": 30}, "nabij log"),
        ("accelerometer", "imu", {"moved_mg": [500, 700, 500], "chip": "bma423"}, "800 to 4000"),
        ("sample rate", "rate", {"rate_mhz": 94_000, "lost": 0, "chip": "bma423"}, "100 within"),
        ("button", "button", {"pressed": True}, "sticks"),
        ("modem", "modem", {"answers": False}, "battery"),
        ("sim", "sim", {"state": "SIM PIN"}, "PIN"),
        ("sim", "sim", {"failed": "at.error", "why": "CME 10"}, "insert a SIM"),
        ("network", "network", {"registration": 3, "rsrp_dbm": None}, "LTE-M"),
        ("network", "network", {"registration": 2, "rsrp_dbm": None}, "window"),
        ("signal", "network", {"registration": 1, "rsrp_dbm": -130, "cell": 1}, "antenna"),
        ("wlan", "wlan", {"in_use": True, "rssi_dbm": None}, "wlan_networks"),
        ("receiver", "link", {"up": False, "last_failure": "wlan.password"}, "correct it"),
        ("receiver", "link", {"failed": "link.none", "why": "no network"}, "name a network"),
        ("receiver", "link", {"up": False, "last_failure": "link.refused"}, "enrolled"),
        ("receiver", "link", {"up": False, "last_failure": "modem.open"}, "firewall"),
        ("receiver", "link", {"up": False, "last_failure": None}, "wait"),
        ("flash", "flash", {**WELL["flash"], "free_bytes": 9_000}, "nabij pull"),
        ("flash", "flash", {**WELL["flash"], "reads_back": False}, "replace"),
        ("flash", "flash", {**WELL["flash"], "journal_ready": False}, "nabij log"),
        ("clock", "clock", {"utc_s": 1_000_000_000}, "clock"),
        ("slots", "slots", {**WELL["slots"], "slots": [["a", "crashing", 5, "", 0]]}, "update"),
    ],
)
def test_each_fault_is_named_with_what_to_do(
    part: str, check: str, facts: dict[str, Any], says: str
) -> None:
    found = findings(**{check: facts})
    assert found[part].verdict == doctor.FAIL
    assert says in found[part].todo
    error = doctor.failure(list(found.values()))
    assert error is not None
    assert part in error.sentence


def test_a_watchs_accelerometer_is_judged_by_its_own_data_sheet() -> None:
    found = findings(
        imu={"moved_mg": [1900, 2000, 1800], "chip": "bma423"},
        rate={"rate_mhz": 99_000, "lost": 0, "chip": "bma423"},
    )
    assert [found[part].verdict for part in ("accelerometer", "sample rate")] == [doctor.OK] * 2


def test_what_cannot_be_tested_is_said_and_is_no_failure() -> None:
    unused = {"failed": "modem.unused", "why": "not provisioned"}
    found = findings(modem=unused, sim=unused, network=unused, link=unused)
    for part in ("gnss", "modem", "sim", "network", "signal", "receiver"):
        assert found[part].verdict == doctor.NONE
    assert "not tried" in found["gnss"].found


def test_a_part_that_the_board_has_not_got_is_not_in_the_list() -> None:
    lacks = {"failed": "modem.none", "why": "this board has no modem"}
    alone = findings(modem=lacks, sim=lacks, network=lacks, wlan={"in_use": True, "rssi_dbm": -60})
    assert not {"modem", "sim", "network", "signal"} & set(alone)
    assert alone["wlan"].verdict == doctor.OK
    weak = findings(wlan={"in_use": True, "rssi_dbm": -81})["wlan"]
    assert (weak.verdict, "nearer" in str(weak.todo)) == (doctor.LOOK, True)
    assert "wlan" not in findings()
    assert "wlan" not in findings(wlan={"refused": "selftest.unknown"})


def power(**changed: Any) -> dict[str, Any]:
    return {"percent": 60, "mv": 3850, "vbus": True, "charging": True, "charged": False, **changed}


@pytest.mark.parametrize(
    ("facts", "verdict", "says"),
    [
        (power(), doctor.OK, "60 %, 3850 mV, charging"),
        (power(charging=False, charged=True), doctor.OK, "charged"),
        (power(vbus=False, charging=False), doctor.OK, "on battery"),
        (power(charging=False), doctor.LOOK, "check battery and cable"),
        (power(percent=15, vbus=False, charging=False), doctor.FAIL, "charge it"),
        (power(percent=15), doctor.OK, "charging"),
        (power(percent=None, mv=None), doctor.FAIL, "plus"),
        (power(vbus=None), doctor.FAIL, "AXP2101"),
        (None, doctor.FAIL, "nabij update"),
    ],
)
def test_the_battery_is_judged(facts: dict[str, Any] | None, verdict: str, says: str) -> None:
    found = findings(power=facts)["battery"]
    assert found.verdict == verdict
    assert says in found.found + found.todo


@pytest.mark.parametrize(
    ("free", "verdict", "says"),
    [
        (1_700_000, doctor.OK, "1660 kB free"),
        (150_000, doctor.FAIL, "PSRAM"),
        (None, doctor.FAIL, "nabij update"),
    ],
)
def test_a_badge_without_the_memory_it_needs_is_found(
    free: int | None, verdict: str, says: str
) -> None:
    found = findings(memory={"free": free})["memory"]
    assert found.verdict == verdict
    assert says in found.found + found.todo


def test_a_badge_that_is_not_provisioned_is_sent_to_that_alone() -> None:
    unused = {"failed": "modem.unused", "why": "not provisioned"}
    facts: dict[str, Any] = dict.fromkeys(("modem", "sim", "network", "link"), unused)
    found = findings(info={"provisioned": False}, clock={"utc_s": None}, **facts)
    failed = [part for part in found.values() if part.verdict == doctor.FAIL]
    assert [(part.part, part.todo) for part in failed] == [("identity", "run `nabij provision`")]


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"slots": [["a", "on trial", 6, "0.6", 2], SLOTS[1]]}, "proves itself"),
        ({"slots": [SLOTS[0], ["b", "failed its trial", 6, "0.6", 0]]}, "did not work"),
        ({"next": "b"}, "restart"),
    ],
)
def test_slots_that_wait_for_something_ask_for_a_look(facts: dict[str, Any], says: str) -> None:
    found = findings(slots={**WELL["slots"], **facts})
    assert found["slots"].verdict == doctor.LOOK
    assert says in found["slots"].todo


CARD = {"card": "2345", "tested_s": None, "test_failed": None}


def absent(code: str) -> dict[str, Any]:
    return {"state": "absent", **CARD, "test_failed": code}


@pytest.mark.parametrize(
    ("facts", "verdict", "says"),
    [
        ({"state": "off"}, doctor.NONE, "absent: off in the settings"),
        (
            {"state": "absent", **CARD},
            doctor.LOOK,
            "absent: no test has come back on the SIM ..2",
        ),
        ({"state": "absent", **CARD}, doctor.LOOK, "nabij doctor --sms"),
        ({"state": "absent", **CARD, "card": None}, doctor.LOOK, "on this SIM"),
        ({"state": "ready", **CARD, "tested_s": 1_800_000_000}, doctor.OK, "back on 2027-01-15"),
        ({"state": "ready", **CARD, "test_failed": "at.timeout"}, doctor.FAIL, "did not end"),
        (
            {"state": "absent", **CARD, "test_failed": "sms.refused"},
            doctor.FAIL,
            "in the contract",
        ),
        (
            {"state": "absent", **CARD, "test_failed": "sms.no_receipt"},
            doctor.FAIL,
            "check `sms_to`",
        ),
        ({"state": "absent", **CARD, "test_failed": "at.error"}, doctor.FAIL, "insert a SIM"),
        ({"state": "testing", **CARD}, doctor.LOOK, "again in a minute"),
        ({"failed": "modem.unused", "why": "not provisioned"}, doctor.NONE, "not in use"),
    ],
)
def test_sms_is_never_more_than_a_test_has_shown(
    facts: dict[str, Any], verdict: str, says: str
) -> None:
    found = findings(sms=facts)["sms"]
    assert found.verdict == verdict
    assert says in found.found + found.todo


def test_sms_is_not_asked_for_where_there_is_no_modem_or_no_word_for_it() -> None:
    assert "sms" not in findings(sms={"failed": "modem.none", "why": "no modem"})
    assert "sms" not in findings(sms={"refused": "selftest.unknown"})


def test_a_satellite_receiver_is_judged_only_where_there_is_one() -> None:
    assert findings(gnss={"sentences": 2, "bytes": 9})["gnss"].verdict == doctor.OK
    assert findings(gnss={"sentences": 0, "bytes": 9})["gnss"].verdict == doctor.FAIL
    assert findings(gnss={"failed": "gnss.off"})["gnss"].verdict == doctor.NONE


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An enrolled badge whose receiver runs."""
    port = free_port()
    site = make_site(tmp_path_factory.mktemp("served"), port=port)
    with Receiver(site.state, port=port):
        yield site


MODEM = {"boot_ms": 200, "register_ms": 300, "rtt_ms": 50}


def diagnosed(site: Site, folder: Path, wait_s: int, **more: Any) -> tuple[int, dict[str, Any]]:
    scenario = Scenario(provision=site.provision, stalls="off", **more)
    with VirtualUsbBadge(scenario, folder) as badge:
        badge.wait_for_log("armed can_send=True")
        key = ["--state", str(site.state)]
        command = ["doctor", badge.port, "--json", "--wait", str(wait_s), *key]
        result = CliRunner().invoke(app, command)
    assert result.stdout, result.stderr
    answer = json.loads(result.stdout.splitlines()[0])
    assert {"supervisor.crash", "supervisor.starving"}.isdisjoint(badge.log.split())
    return result.exit_code, {part["part"]: part for part in answer["parts"]}


@pytest.mark.slow
def test_a_badge_in_order_passes_over_usb(served: Site, tmp_path: Path) -> None:
    code, parts = diagnosed(served, tmp_path, 60, modem=MODEM)
    wrong = {name: part for name, part in parts.items() if part["verdict"] == "fail"}
    assert wrong == {}
    assert code == 0
    assert parts["receiver"]["verdict"] == "ok"
    assert parts["clock"]["verdict"] == "ok"


@pytest.mark.slow
def test_a_badge_without_accelerometer_and_sim_fails_in_just_these(
    served: Site, tmp_path: Path
) -> None:
    code, parts = diagnosed(served, tmp_path, 3, modem={**MODEM, "sim": ""}, imu={"absent": True})
    assert code == 1
    failed = {name for name, part in parts.items() if part["verdict"] == "fail"}
    assert failed == {
        *("accelerometer", "noise", "sample rate"),
        *("sim", "network", "signal", "receiver", "clock"),
    }
    assert all(parts[name]["todo"] for name in failed)


def squeezed_during(site: Site, check: str) -> Run:
    ask = {"at_ms": 5_990, "do": "usb", "text": f'?{{"id":1,"do":"selftest","check":"{check}"}}'}
    squeeze = {"at_ms": 6_000, "do": "press", "ms": 2_000}
    bare = Scenario(
        duration_ms=20_000, provision=site.provision, modem=site.modem(), events=[ask, squeeze]
    )
    return run_fast(keyed(site, bare, 3_000))


@pytest.mark.requirement("R15")
@pytest.mark.parametrize("check", CHECKS)
def test_no_check_delays_a_squeeze(site: Site, check: str) -> None:
    result = squeezed_during(site, check)
    assert "ok" in answers(result)[1]
    durable = next(line for line in result.console if " alarm.durable " in line)
    raised_ms = 6_000 + 1_500
    assert int(durable.split()[1]) - raised_ms <= 250
    assert not any("supervisor." in line for line in result.console)


def test_the_chips_self_test_leaves_fall_detection_running(site: Site) -> None:
    ask = {"at_ms": 3_000, "do": "usb", "text": '?{"id":1,"do":"selftest","check":"imu"}'}
    bare = Scenario(duration_ms=8_000, provision=site.provision, events=[ask])
    result = run_fast(keyed(site, bare, 2_500))
    started = [line for line in result.console if " imu.started " in line]
    assert len(started) == 2
    assert not any("motion." in line or "imu.failed" in line for line in result.console)


def test_the_chips_self_test_tells_each_axis(site: Site) -> None:
    ask = {"at_ms": 2_800, "do": "usb", "text": '?{"id":1,"do":"selftest","check":"imu"}'}
    moves = {"self_test_mg": [100, -300, 1200]}
    bare = Scenario(duration_ms=5_000, provision=site.provision, events=[ask], imu=moves)
    answer = answers(run_fast(keyed(site, bare, 2_500)))[1]
    assert answer["ok"]["moved_mg"] == pytest.approx([100, 300, 1200], abs=2)


def test_nobody_keeps_fall_detection_away_by_asking_again_and_again(site: Site) -> None:
    """Each test makes fall detection begin anew."""
    text = '?{"id":1,"do":"selftest","check":"imu"}'
    events = [{"at_ms": at_ms, "do": "usb", "text": text} for at_ms in range(3_000, 29_000, 1_000)]
    bare = Scenario(duration_ms=30_000, provision=site.provision, events=events)
    result = run_fast(keyed(site, bare, 2_500))
    found = [json.loads(line[1:]) for line in result.console if line.startswith("!")]
    said = [one["ok"] for one in found if one["id"] == 1]
    assert len(said) == len(events)
    assert [one.get("failed") for one in said] == [None] + ["selftest.soon"] * (len(said) - 1)
    assert len([line for line in result.console if " imu.started " in line]) == 2
    assert len([line for line in result.console if " selftest check=imu" in line]) == 1


def test_the_chips_self_test_waits_until_no_alarm_is_open(site: Site) -> None:
    events = [
        {"at_ms": 3_000, "do": "press", "ms": 1_700},
        {"at_ms": 7_000, "do": "usb", "text": '?{"id":1,"do":"selftest","check":"imu"}'},
    ]
    bare = Scenario(duration_ms=9_000, provision=site.provision, events=events)
    answer = answers(run_fast(keyed(site, bare, 2_500)))[1]
    assert answer["ok"]["failed"] == "selftest.alarm"


@pytest.mark.slow
def test_a_test_by_sms_needs_the_key_and_is_told_as_it_ends(served: Site, tmp_path: Path) -> None:
    """An operator without SMS: nothing is sent to this machine's receiver, whatever is set."""
    settings = {"shift_test": False, "sms_to": "+31612345678", "sms_after_s": 20}
    provision = served.provision_with(tmp_path / "provision", settings)
    modem = {**MODEM, "sms": {"error": 38, "send_ms": 500, "ready_ms": 200}}
    with VirtualUsbBadge(
        Scenario(provision=provision, stalls="off", modem=modem), tmp_path
    ) as badge:
        badge.wait_for_log("sms.card")
        run = CliRunner()
        refused = run.invoke(app, ["doctor", badge.port, "--sms", "--wait", "1"])
        command = ["doctor", badge.port, "--sms", "--wait", "1", "--json"]
        result = run.invoke(app, [*command, "--state", str(served.state)])
    assert refused.exit_code == 2
    assert "give --state" in refused.stderr
    parts = {part["part"]: part for part in json.loads(result.stdout.splitlines()[0])["parts"]}
    assert parts["sms"]["verdict"] == "fail"
    assert "absent: the test from the SIM ..2345 failed (sms.refused)" in parts["sms"]["found"]
