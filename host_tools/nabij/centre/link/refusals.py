"""Badges that the broker does not let listen, as its log says: nothing can be answered to them."""

import re
from typing import Final

SILENT_S: Final = 60.0
_NAMED: Final = 5
# nats-server 2.15, server/mqtt.go: of a subscription at QoS 1 that it cannot keep.
_REFUSED: Final = re.compile(r'subscription on "nabij\.([^".]+)\.down": err=(.+)$')


class Refusals:
    """Collects such lines; the first is told at once, those of the next minute together.

    A badge asks again each minute, so nothing stays untold for longer.
    """

    def __init__(self) -> None:
        self._told_s: float | None = None
        self._badges: set[str] = set()

    def read(self, line: str, now_s: float) -> str | None:
        """One line of the broker's log; the sentence that is due, if it is about a refusal."""
        found = _REFUSED.search(line)
        if found is None:
            return None
        self._badges.add(found[1])
        if self._told_s is not None and now_s - self._told_s < SILENT_S:
            return None
        names = sorted(self._badges)
        self._told_s, self._badges = now_s, set()
        who = f"BADGE {names[0]}" if len(names) == 1 else f"{len(names)} BADGES ({_list(names)})"
        return (
            f"{who} CANNOT BE ANSWERED: the broker refuses a subscription ({found[2]}). Alarms "
            "come in without a receipt, from older firmware not at all; see whether the disk of "
            "this machine is full. Badges ask again each minute."
        )


def _list(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
