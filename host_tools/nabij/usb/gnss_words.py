"""What a badge found out about its satellite receiver, as (verdict, found, todo)."""

from typing import Any, Final

from nabij.usb import verdicts

# What is no fault of any part, by the code that the badge gives.
UNTRIED: Final = {
    "gnss.none": "not tried: it looks at the sky in an alarm alone",
    "gnss.off": "not in use: off in the settings (`gnss`)",
}


def judged(facts: dict[str, Any]) -> tuple[str, str, str]:
    """Whether a receiver on a serial line spoke; of the sky this says nothing."""
    sentences, heard = int(facts["sentences"]), int(facts["bytes"])
    if sentences:
        return verdicts.OK, "its receiver answers; whether it sees the sky an alarm shows", ""
    if heard:
        todo = "set it to NMEA 0183 with GGA and RMC at the speed of the board's file"
        return verdicts.FAIL, f"{heard} bytes of its receiver, and none of a sentence", todo
    return verdicts.FAIL, "its receiver is silent", "check its supply, then the wire at `rx`"
