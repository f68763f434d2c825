"""Which event code stands for what happened: a table that each alarm centre can change.

SIA codes are of DC-03, numbers of DC-05 (Contact ID). The defaults are those that centres know; of
newer ones (103 "fall detected", 102 "fails to report in") an older centre makes an invalid report.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from badge.core.alarm import kinds
from nabij.centre.incidents.incident import Incident
from nabij.centre.incidents.words import OWN, kind_name
from nabij.errors import UsageError

# Of no kind of alarm: a cancelled one whose wearer was forced to, a test, a request to close, and
# what is sent in place of a code that the centre refuses.
DURESS, TEST, CANCEL, FALLBACK = "duress", "test", "cancel", "fallback"


@dataclass(frozen=True)
class Code:
    """What is sent when it begins and when it is over, by SIA-DCS; and the number of ADM-CID."""

    sia: str
    restore: str
    cid: int


DEFAULTS: Final[Mapping[str, Code]] = {
    "sos": Code("HA", "HH", 122),
    "man_down": Code("MA", "MH", 100),
    "rest": Code("QA", "QH", 101),
    "tilt": Code("QA", "QH", 101),
    "rip": Code("QA", "QH", 101),
    "check_in": Code("QA", "QH", 101),
    "amber": Code("QA", "QH", 101),
    "flight": Code("PA", "PH", 120),
    "battery": Code("XT", "XR", 302),
    "fault": Code("ET", "ER", 380),
    "quiet": Code("YC", "YK", 381),
    "flood": Code("ET", "ER", 380),
    "twice": Code("ET", "ER", 380),
    "permit": Code("ET", "ER", 380),
    DURESS: Code("HA", "HH", 121),
    TEST: Code("RX", "RX", 601),
    CANCEL: Code("OC", "OC", 406),
    FALLBACK: Code("QA", "QH", 101),
}
_SIA: Final = re.compile(r"[A-Z]{2}")
_NEW, _RESTORED = 1, 3


def name_of(incident: Incident) -> str:
    """The name under which the table has an incident; that of a later release is FALLBACK."""
    if incident.test:
        return TEST
    if incident.duress:
        return DURESS
    name = kind_name(incident.kind)
    return name if name in DEFAULTS else FALLBACK


def is_technical(incident: Incident) -> bool:
    """No person is in need, only a badge or its link is."""
    of_badge = kinds.of(incident.kind).category == kinds.TECHNICAL
    return not incident.duress and (incident.kind in OWN or of_badge)


def checked(name: str, sia: str, restore: str, cid: int) -> Code:
    """A code of somebody's table; UsageError for what no centre could read."""
    if name not in DEFAULTS:
        raise UsageError(f"There is no event {name}: name one of {', '.join(DEFAULTS)}.")
    for code in (sia, restore):
        if not _SIA.fullmatch(code):
            raise UsageError(f"'{code}' of {name} is no SIA code: give two capitals, as HA.")
    if not 100 <= cid <= 999:
        raise UsageError(f"cid of {name} is {cid}: give the three digits of a Contact ID code.")
    return Code(sia, restore, cid)


def sia_data(account: str, code: str, zone: int) -> str:
    """The data of a SIA-DCS frame: a new event of a zone of area 1."""
    return f"#{account}|Nri1/{code}{zone:03d}"


def cid_data(account: str, cid: int, zone: int, *, is_over: bool) -> str:
    """The data of an ADM-CID frame: qualifier and number, group 01, zone."""
    return f"#{account}|{_RESTORED if is_over else _NEW}{cid:03d} 01 {zone:03d}"
