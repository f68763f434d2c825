"""Slows whoever guesses passwords down, and locks nobody out: an operator has to get in."""

import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

# Mistyped so often, one may go on at once; then each failure doubles the wait.
FREE: Final = 5
LONGEST_S: Final = 300.0
# Whoever made no mistake for so long begins anew.
FORGIVEN_S: Final = 900.0
# So many addresses and logins are remembered; the one that was seen longest ago is forgotten.
MOST: Final = 10_000
# From one address, whatever the logins: a site behind one router has several people.
_FREE_OF_ADDRESS: Final = 20


@dataclass
class _Failures:
    count: int = 0
    until_s: float = 0.0


class Throttle:
    """Counts failures of a login from an address, and of the address."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], _Failures] = OrderedDict()

    def wait_s(self, address: str, login: str, now_s: float) -> float:
        """How long that login has to wait before it may try again from there; 0: not at all."""
        found = (self._known.get((address, login)), self._known.get((address, "")))
        return max((0.0, *(one.until_s - now_s for one in found if one is not None)))

    def failed(self, address: str, login: str, now_s: float) -> None:
        """That was the wrong password or code."""
        for key, free in (((address, login), FREE), ((address, ""), _FREE_OF_ADDRESS)):
            found = self._known.setdefault(key, _Failures())
            self._known.move_to_end(key)
            if now_s - found.until_s > FORGIVEN_S:
                found.count = 0
            found.count += 1
            found.until_s = max(found.until_s, now_s)
            over = min(found.count - free, math.ceil(math.log2(LONGEST_S)))
            if over > 0:
                found.until_s = now_s + min(LONGEST_S, 2.0**over)
        while len(self._known) > MOST:
            self._known.popitem(last=False)

    def succeeded(self, address: str, login: str) -> None:
        """Who got in made mistakes before, and no more."""
        self._known.pop((address, login), None)
