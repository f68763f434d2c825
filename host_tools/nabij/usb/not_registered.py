"""Why a badge has no mobile network, in words to act on: its own reason, and 3GPP's causes."""

import re
from typing import Any, Final

from nabij.usb.remedies import LINK_FAILURES

_STATES: Final = {
    0: "not registered, not searching",
    2: "searching",
    3: "refused by the network",
}
_CONTRACT: Final = "have the operator check that this SIM is active and may use LTE-M"
_DEVICE: Final = "have the operator let this modem in: its IMEI is barred, or not on their list"
_PLACE: Final = "its contract does not cover this network or place: try elsewhere, or another SIM"
_NETWORK: Final = "the network has a fault or is full: wait; if it stays so, tell the operator"
_APN: Final = "ask the operator for the APN of this SIM, and set it (`nabij provision --apn`)"
# EMM causes of 3GPP TS 24.301, table 9.9.3.9.1: what each means, and what to do.
_CAUSES: Final[dict[int, tuple[str, str]]] = {
    2: ("the operator does not know this SIM", _CONTRACT),
    3: ("the SIM is not accepted", _CONTRACT),
    5: ("the modem is not accepted", _DEVICE),
    6: ("the modem is barred", _DEVICE),
    7: ("no data service for this SIM", _CONTRACT),
    8: ("no service for this SIM", _CONTRACT),
    9: ("the network does not know the badge any more", _NETWORK),
    10: ("the network let the badge go", _NETWORK),
    11: ("this network is not allowed", _PLACE),
    12: ("this area is not allowed", _PLACE),
    13: ("roaming is not allowed here", _PLACE),
    14: ("no data service in this network", _PLACE),
    15: ("no suitable cell in this area", _PLACE),
    17: ("a fault of the network", _NETWORK),
    19: ("no data connection was given", _APN),
    22: ("the network is full", _NETWORK),
    35: ("the service is not in the contract", _CONTRACT),
    42: ("a grave fault of the network", _NETWORK),
}


def judged(facts: dict[str, Any]) -> tuple[str, str]:
    """What was found and what to do, of the facts of a badge that is not registered."""
    stat = int(facts["registration"])
    state = _STATES.get(stat, f"state {stat}")
    # Firmware that gives no reason knows the state alone.
    code = facts.get("reason") or ("modem.denied" if stat == 3 else "modem.no_network")
    todo = LINK_FAILURES.get(str(code), "read the log (`nabij log`)").split(": ", 1)[-1]
    why = str(facts.get("why", "")).split(": ", 1)[-1]
    found = why or state
    named = re.search(r"cause (\d+)", why)
    if named is not None:
        meaning, todo = _CAUSES.get(int(named[1]), ("unknown to this program", todo))
        found = f"{why} ({meaning})"
    return found, todo
