"""What a badge asked of a network to save power, and what it was granted, in words."""

from collections.abc import Iterator
from typing import Any, Final

from badge.core import edrx

_LATE: Final = "ask the operator to take it from this SIM: what the receiver says comes late by it"
_OTHER: Final = "ask the operator which cycles this SIM may have, and set `edrx_s` by that"
_USELESS: Final = "ask the operator whether this SIM may have eDRX, or set `edrx_s = 0`"


def judged(facts: dict[str, Any]) -> tuple[str, str]:
    """(what there is, what to do): "" for nothing, and for all as it was asked for."""
    found = [*_edrx(facts)]
    if facts.get("psm_s"):
        found.append((f"{facts['psm_s']} s after the last word the modem goes off (PSM)", _LATE))
    todos = dict.fromkeys(todo for _, todo in found if todo)
    return ", ".join(what for what, _ in found), "; ".join(todos)


def _edrx(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    # Firmware from before `edrx_s` asks for none.
    asked_s, bits = int(facts.get("edrx_s") or 0), facts.get("edrx")
    asked = f"eDRX of {asked_s} s is asked for (`edrx_s`)"
    if asked_s and facts.get("edrx_taken") is False:
        yield f"{asked}, which the modem refused", "set `edrx_s = 0`: this modem cannot do it"
    elif asked_s and bits is None:
        yield f"{asked}, and the modem does not tell what was granted", _USELESS
    elif asked_s and not bits:
        yield f"{asked} and not granted", _USELESS
    if not bits:
        return
    cycle_ms = edrx.cycle_ms(str(bits))
    every = f"each {cycle_ms / 1000:g} s" if cycle_ms else f"by a cycle of {bits!r}"
    what = f"the network calls the modem only {every} (eDRX)"
    if not asked_s:
        yield what, _LATE
    elif bits == edrx.bits_of(asked_s):
        yield what, ""
    else:
        yield f"{asked}, but {what}", _OTHER
