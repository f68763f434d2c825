"""Judges what a badge found out about itself (tasks/usb/self_check.py), in words to act on."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from nabij.usb import board_settings, gnss_words, not_registered, power_saving, sms_trial, verdicts
from nabij.usb.device import Device
from nabij.usb.errors import BadgeRefusal, DeviceError
from nabij.usb.remedies import FAILURES, LINK_FAILURES

OK, FAIL, LOOK, NONE = verdicts.OK, verdicts.FAIL, verdicts.LOOK, verdicts.NONE

_REQUEST_S: Final = 20.0
_RETRY_S: Final = 1.0
# The badge spares its fall detection a second self-test of the chip for half a minute.
_AGAIN_S: Final = 35.0
# Parts that come to life only some time after the badge was switched on.
_SLOW: Final = frozenset({"modem", "sim", "network", "signal", "wlan", "receiver", "clock"})

# What accelerometers move each axis by in their self-test, in mg: DS12814, the same for every full
# scale; and Bosch's driver for the other, from one end to the other. And their rates.
_MOVED_MG: Final = {
    "lsm6dsox": ((50, 1700), (50, 1700), (50, 1700)),
    "bma423": ((400, 4000), (800, 4000), (400, 4000)),
}
_RATE_MHZ: Final = {"lsm6dsox": 104_000, "bma423": 100_000}
# Firmware that does not say which it has knows one only.
_FIRST_CHIP: Final = "lsm6dsox"
# Offset and sensitivity errors of a soldered chip stay well below this.
_GRAVITY_MG: Final = (900, 1100)
# Our choice: the chip's own noise is about 10 mg from top to bottom, a hand's tremor is more.
_REST_MG: Final = 100
# Our choice: the detector's times stretch by as much.
_RATE_TOLERANCE: Final = 0.05
# LTE-M still works below this, but with repetitions that take seconds.
_WEAK_DBM: Final = -115
_WEAK_WLAN_DBM: Final = -80
_DEAF_DBM: Final = -125
_FREE_BYTES: Final = 131_072
# More than a chip has without PSRAM, and twice what the badge takes (usb/install.py).
_HEAP_BYTES: Final = 600_000
_CLOCK_S: Final = 30
# From here on the badge keeps what is left for one SOS (badge/core/power_policy.py).
_LOW_PERCENT: Final = 15

Facts = dict[str, Any]


@dataclass(frozen=True)
class Finding:
    """One part: `verdict` is ok, fail, look (a person must judge) or none (nothing to test)."""

    part: str
    verdict: str
    found: str
    todo: str = ""


_REGISTERED: Final = {1: "registered, home network", 5: "registered, roaming"}


def examine(
    device: Device,
    wait_s: float = 90.0,
    begin: Callable[[str], None] = lambda _part: None,
    *,
    sms: bool = False,
) -> Iterator[Finding]:
    """Every part in turn; what needs a network is asked again for `wait_s` until it is well.

    `begin` is called with the name of a part before its test, which may take long. With `sms` the
    badge sends a test by SMS, and is waited for.
    """
    yield _firmware(device.info)
    yield _provisioned(device.info)
    if (settings := of_settings(device)) is not None:
        yield settings
    status = device.request("status")
    yield _alarms(status)
    yield _memory(status)
    until_s = time.monotonic() + wait_s
    for part, check, judge in _PARTS:
        begin(part)
        if check == "sms" and sms:
            sms_trial.send(device)
        finding = _examined(device, part, check, judge, until_s)
        if finding is None:
            continue
        if part == "clock" and finding.verdict == FAIL and not device.info.get("provisioned"):
            finding = Finding(part, NONE, "not set yet: the badge is not provisioned")
        yield finding
    yield _battery(device.request("status").get("power"))


def _examined(
    device: Device, part: str, check: str, judge: Callable[[Facts], Finding], until_s: float
) -> Finding | None:
    """What became of one check; None for a part that the board has not got."""
    again_s = time.monotonic() + _AGAIN_S
    while True:
        try:
            facts = device.request("selftest", check=check, timeout_s=_REQUEST_S)
        except BadgeRefusal as refusal:
            if refusal.code not in ("usb.verb", "selftest.unknown"):
                raise
            if check in ("wlan", "sms"):
                # Firmware that does not know the word has none.
                return None
            if check == "gnss":
                return Finding(part, NONE, gnss_words.UNTRIED["gnss.none"])
            return Finding(part, FAIL, "this firmware cannot test it", "run `nabij update`")
        if facts.get("failed") in ("modem.none", "wlan.none"):
            return None
        if facts.get("failed") == "selftest.soon" and time.monotonic() < again_s:
            time.sleep(_RETRY_S)
            continue
        finding = _failed(part, facts) if "failed" in facts else judge(facts)
        late = time.monotonic() > until_s or not device.info.get("provisioned")
        if finding.verdict != FAIL or part not in _SLOW or late:
            return finding
        time.sleep(_RETRY_S)


def _failed(part: str, facts: Facts) -> Finding:
    code = str(facts["failed"])
    if code in gnss_words.UNTRIED:
        return Finding(part, NONE, gnss_words.UNTRIED[code])
    if code == "modem.unused":
        return Finding(part, NONE, "not in use: the badge is not provisioned")
    todo = FAILURES.get(code, LINK_FAILURES.get(code, "read the log (`nabij log`)"))
    return Finding(part, FAIL, f"{facts.get('why', code)} ({code})", todo)


def _firmware(info: Facts) -> Finding:
    slot = f", slot {info['slot']}" if info.get("slot") else ""
    return Finding("firmware", OK, f"{info['firmware']} on {info['board']}{slot}")


def _provisioned(info: Facts) -> Finding:
    if info.get("provisioned"):
        return Finding("identity", OK, f"badge {info['badge']}")
    return Finding("identity", FAIL, "none: it cannot send alarms", "run `nabij provision`")


def of_settings(device: Device) -> Finding | None:
    """Those that ask for what its board has no part for; None without any."""
    vain = board_settings.in_vain_on(device)
    return None if vain is None else Finding("settings", LOOK, *vain)


def _alarms(status: Facts) -> Finding:
    count = int(status.get("open_alarms", 0))
    if count == 0:
        return Finding("alarms", OK, "armed, none open")
    return Finding("alarms", LOOK, f"armed, {count} open", "close it: nabij incident close")


def _memory(status: Facts) -> Finding:
    free = status.get("heap_free")
    if free is None:
        return Finding("memory", FAIL, "this firmware cannot say", "run `nabij update`")
    text = f"{int(free) // 1024} kB free"
    if int(free) < _HEAP_BYTES:
        todo = "switch it off and on; if it stays so, its PSRAM does not answer: replace the board"
        return Finding("memory", FAIL, text, todo)
    return Finding("memory", OK, text)


def _battery(facts: Facts | None) -> Finding:
    if facts is None:
        return Finding("battery", FAIL, "this firmware cannot measure it", "run `nabij update`")
    percent, battery_mv = facts["percent"], facts["mv"]
    if facts["vbus"] is None:
        todo = "check the board: its power chip (AXP2101) does not answer; read `nabij log`"
        return Finding("battery", FAIL, "the power chip does not answer", todo)
    if percent is None:
        return Finding("battery", FAIL, "none", "fit the battery, its plus to the plus mark")
    if facts["charging"]:
        doing = "charging"
    elif facts["charged"]:
        doing = "charged"
    else:
        doing = "USB power, not charging" if facts["vbus"] else "on battery"
    text = f"{percent} %, {battery_mv} mV, {doing}"
    if percent <= _LOW_PERCENT and not facts["charging"]:
        return Finding("battery", FAIL, text, "charge it; if it does not charge, replace it")
    if facts["vbus"] and not facts["charging"] and not facts["charged"]:
        return Finding("battery", LOOK, text, "it should charge on USB: check battery and cable")
    return Finding("battery", OK, text)


def _imu(facts: Facts) -> Finding:
    limits = _MOVED_MG[facts.get("chip", _FIRST_CHIP)]
    moved = facts["moved_mg"]
    text = f"WHO_AM_I is right, self-test moves {_axes(moved)} mg"
    if all(low <= axis <= high for axis, (low, high) in zip(moved, limits, strict=True)):
        return Finding("accelerometer", OK, text)
    wanted = ", ".join(sorted({f"{low} to {high}" for low, high in limits}))
    todo = f"each axis must move {wanted} mg: lay the badge still and repeat, or replace it"
    return Finding("accelerometer", FAIL, text, todo)


def _noise(facts: Facts) -> Finding:
    mean, spread = facts["mean_mg"], facts["spread_mg"]
    gravity_mg = round(sum(axis * axis for axis in mean) ** 0.5)
    text = f"{gravity_mg} mg of gravity, spread {_axes(spread)} mg in 2 s"
    if max(spread) > _REST_MG:
        return Finding("noise", FAIL, text, "lay the badge still on a table and run this again")
    if not _GRAVITY_MG[0] <= gravity_mg <= _GRAVITY_MG[1]:
        return Finding(
            "noise", FAIL, text, "at rest it must be 1000 mg: replace the accelerometer"
        )
    return Finding("noise", OK, text)


def _rate(facts: Facts) -> Finding:
    rate_mhz, lost = int(facts["rate_mhz"]), int(facts["lost"])
    text = f"{rate_mhz / 1000:.1f} samples a second by the badge's clock, {lost} lost"
    wanted_mhz = _RATE_MHZ[facts.get("chip", _FIRST_CHIP)]
    if abs(rate_mhz - wanted_mhz) > _RATE_TOLERANCE * wanted_mhz:
        todo = f"it must be {wanted_mhz / 1000:g} within 5 %: replace the accelerometer"
        return Finding("sample rate", FAIL, text, todo)
    if lost:
        return Finding("sample rate", FAIL, text, "read the log (`nabij log`) for what blocked it")
    return Finding("sample rate", OK, text)


def _button(facts: Facts) -> Finding:
    if facts["pressed"]:
        todo = "let go of it; if nobody holds it, it sticks or its wire touches 3V3"
        return Finding("button", FAIL, "pressed", todo)
    return Finding("button", OK, "released")


def _motor(facts: Facts) -> Finding:
    pulses = facts["pulses"]
    todo = f"felt nothing, or not {pulses}? Check the motor's wires and its transistor"
    return Finding("motor", LOOK, f"{pulses} short pulses are being played", todo)


def _modem(facts: Facts) -> Finding:
    if facts["answers"]:
        return Finding("modem", OK, "answers")
    return Finding("modem", FAIL, "silent", FAILURES["at.timeout"])


def _sim(facts: Facts) -> Finding:
    state = str(facts["state"])
    if state == "READY":
        return Finding("sim", OK, "ready")
    todo = (
        "switch its PIN off in a phone" if state == "SIM PIN" else "ask the operator for another"
    )
    return Finding("sim", FAIL, state, todo)


def _network(facts: Facts) -> Finding:
    text = _REGISTERED.get(int(facts["registration"]))
    if text is None:
        return Finding("network", FAIL, *not_registered.judged(facts))
    saving, todo = power_saving.judged(facts)
    text = f"{text}; {saving}" if saving else text
    return Finding("network", LOOK, text, todo) if todo else Finding("network", OK, text)


def _signal(facts: Facts) -> Finding:
    rsrp_dbm = facts["rsrp_dbm"]
    todo = "take the badge to a window, and check that the antenna is plugged in"
    if rsrp_dbm is None:
        return Finding("signal", FAIL, "no cell", todo)
    text = f"RSRP {rsrp_dbm} dBm, cell {facts['cell']}"
    if rsrp_dbm < _DEAF_DBM:
        return Finding("signal", FAIL, text, todo)
    if rsrp_dbm < _WEAK_DBM:
        return Finding("signal", LOOK, f"{text}: weak", todo)
    return Finding("signal", OK, text)


def _wlan(facts: Facts) -> Finding:
    rssi_dbm = facts["rssi_dbm"]
    if not facts["in_use"]:
        return Finding("wlan", NONE, "not in use: the modem is the way to the receiver")
    if rssi_dbm is None:
        todo = "check `wlan_networks` (`nabij config`), and take the badge to an access point"
        return Finding("wlan", FAIL, "in no network", todo)
    if rssi_dbm < _WEAK_WLAN_DBM:
        todo = "take the badge nearer to an access point, or have one more put up"
        return Finding("wlan", LOOK, f"{rssi_dbm} dBm: weak", todo)
    return Finding("wlan", OK, f"{rssi_dbm} dBm")


def _link(facts: Facts) -> Finding:
    if facts["up"]:
        took_s = int(facts["took_ms"]) / 1000
        return Finding("receiver", OK, f"connected over TLS, which took {took_s:.1f} s")
    code = facts["last_failure"]
    if code is None:
        return Finding("receiver", FAIL, "not connected yet", "wait a minute and run this again")
    todo = LINK_FAILURES.get(str(code), FAILURES.get(str(code), "read the log (`nabij log`)"))
    return Finding("receiver", FAIL, f"not connected ({code})", todo)


def _sms(facts: Facts) -> Finding:
    return Finding("sms", *sms_trial.judged(facts))


def _gnss(facts: Facts) -> Finding:
    return Finding("gnss", *gnss_words.judged(facts))


def _flash(facts: Facts) -> Finding:
    free = int(facts["free_bytes"])
    text = f"{free // 1024} kB of {int(facts['size_bytes']) // 1024} kB free"
    if not facts["reads_back"]:
        return Finding("flash", FAIL, f"{text}, does not read back", "replace the board")
    if not facts["journal_ready"]:
        return Finding("flash", FAIL, f"{text}, journal not ready", "read the log (`nabij log`)")
    if free < _FREE_BYTES:
        todo = "bring stored motion home (`nabij pull`), flash it with --erase and provision it"
        return Finding("flash", FAIL, text, todo)
    return Finding("flash", OK, f"{text}, reads back, journal ready")


def _clock(facts: Facts) -> Finding:
    utc_s = facts["utc_s"]
    if utc_s is None:
        todo = "it is set once the badge has a network; until then alarms carry their age only"
        return Finding("clock", FAIL, "not set by the network yet", todo)
    off_s = int(utc_s) - round(time.time())
    if abs(off_s) > _CLOCK_S:
        todo = "check this computer's clock; if it is right, the network tells a wrong time"
        return Finding("clock", FAIL, f"{off_s:+d} s off this computer", todo)
    return Finding("clock", OK, f"{off_s:+d} s off this computer")


def _slots(facts: Facts) -> Finding:
    rows = {row[0]: row for row in facts["slots"]}
    running = facts["running"]
    text = ", ".join(_slot(row) for row in rows.values())
    if running is None:
        return Finding("slots", NONE, "the application lies outside the slots")
    text = f"{running} runs; {text}"
    state = rows[running][1]
    if facts["next"] != running:
        return Finding("slots", LOOK, text, f"restart the badge to run slot {facts['next']}")
    if state == "on trial":
        todo = "it proves itself once it ran for a minute and reached the receiver"
        return Finding("slots", LOOK, text, todo)
    if state != "good":
        return Finding("slots", FAIL, text, "send working firmware with `nabij update`")
    if any(row[1] in ("failed its trial", "crashing") for row in rows.values()):
        return Finding("slots", LOOK, text, "the last update did not work; read `nabij log`")
    return Finding("slots", OK, text)


def _slot(row: list[Any]) -> str:
    # Newer firmware may say more of a slot.
    name, state, build, version = row[:4]
    return f"{name} {state}" if state == "empty" else f"{name} {state} ({version}, build {build})"


def _axes(values: list[int]) -> str:
    return "/".join(map(str, values))


_PARTS: Final[tuple[tuple[str, str, Callable[[Facts], Finding]], ...]] = (
    ("accelerometer", "imu", _imu),
    ("noise", "noise", _noise),
    ("sample rate", "rate", _rate),
    ("button", "button", _button),
    ("motor", "motor", _motor),
    ("flash", "flash", _flash),
    ("slots", "slots", _slots),
    ("modem", "modem", _modem),
    ("sim", "sim", _sim),
    ("network", "network", _network),
    ("signal", "network", _signal),
    ("wlan", "wlan", _wlan),
    ("receiver", "link", _link),
    ("sms", "sms", _sms),
    ("clock", "clock", _clock),
    ("gnss", "gnss", _gnss),
)


def failure(findings: list[Finding]) -> DeviceError | None:
    """The one sentence that `nabij doctor` ends with, or None when no part fails."""
    failed = [finding.part for finding in findings if finding.verdict == FAIL]
    if not failed:
        return None
    return DeviceError(
        f"{len(failed)} of {len(findings)} parts fail ({', '.join(failed)}): "
        "what to do about each stands beside it."
    )
