"""Who calls and waits for a visit: of many the one that has called longest comes first."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bleak.backends.device import BLEDevice

# Not heard for so long, it has gone, or has another address by now.
GONE_S: Final = 10.0


@dataclass(frozen=True)
class Call:
    """A beacon as it was heard."""

    device: BLEDevice
    data: bytes
    rssi_dbm: int


@dataclass
class _Waiting:
    call: Call
    times: int
    heard_s: float


class Callers:
    """`most` are remembered; `now_s` is a clock that only goes forward.

    Counted is how often each was heard since it was visited, and not since when: who calls under a
    new address each time, which anybody can, does not get ahead of a badge that keeps its own.
    """

    def __init__(self, most: int, now_s: Callable[[], float]) -> None:
        self._most = most
        self._now_s = now_s
        self._waiting: dict[str, _Waiting] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def heard(self, call: Call) -> None:
        """It calls, and could be visited."""
        now_s = self._now_s()
        before = self._waiting.pop(call.device.address, None)
        times = 0 if before is None or now_s - before.heard_s > GONE_S else before.times
        while len(self._waiting) >= self._most:
            # Who was heard last is at the end.
            del self._waiting[next(iter(self._waiting))]
        self._waiting[call.device.address] = _Waiting(call, times + 1, now_s)

    def take(self) -> Call | None:
        """Whose turn it is; None when nobody waits."""
        start_s = self._now_s() - GONE_S
        self._waiting = {
            address: one for address, one in self._waiting.items() if one.heard_s >= start_s
        }
        if not self._waiting:
            return None
        address = max(self._waiting, key=lambda one: self._waiting[one].times)
        return self._waiting.pop(address).call
