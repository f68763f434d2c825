"""The test of SMS from the very SIM that is in a badge: has it sent, and judges how it ended."""

import time
from typing import Any, Final

from nabij.usb.device import Device
from nabij.usb.errors import BadgeRefusal
from nabij.usb.remedies import FAILURES, SMS_FAILURES
from nabij.usb.verdicts import FAIL, LOOK, NONE, OK

# The badge gives a test three minutes, and a minute to be registered first.
_TEST_S: Final = 260.0
_REQUEST_S: Final = 20.0
_LOOK_S: Final = 1.0


def send(device: Device) -> None:
    """Have a test sent, and wait until it has ended; nothing happens where SMS is off."""
    try:
        device.request("sms.test")
    except BadgeRefusal as refusal:
        if refusal.code not in ("usb.verb", "sms.off"):
            raise
        return
    until_s = time.monotonic() + _TEST_S
    while time.monotonic() < until_s:
        if device.request("selftest", check="sms", timeout_s=_REQUEST_S)["state"] != "testing":
            return
        time.sleep(_LOOK_S)


def judged(facts: dict[str, Any]) -> tuple[str, str, str]:
    """Verdict, what was found, what to do: only a test that came back on this SIM counts."""
    state, code = facts["state"], facts.get("test_failed")
    if state == "off":
        return NONE, "absent: off in the settings (`sms_to`, `sms_after_s`)", ""
    card = f"the SIM ..{facts['card']}" if facts["card"] else "this SIM"
    if state == "ready" and code is None:
        at = facts["tested_s"]
        day = "" if at is None else time.strftime(" on %Y-%m-%d", time.gmtime(int(at)))
        return OK, f"a test from {card} came back{day}", ""
    if state == "testing":
        return LOOK, "a test is under way", "run this again in a minute"
    if code is not None:
        todo = SMS_FAILURES.get(str(code), FAILURES.get(str(code), "read the log (`nabij log`)"))
        found = f"the test from {card} failed ({code})"
        return FAIL, found if state == "ready" else f"absent: {found}", todo
    todo = "run `nabij doctor --sms --state DIR`: it sends one text message from this very SIM"
    return LOOK, f"absent: no test has come back on {card}", todo
