"""One visit to a badge that calls: fetch what it has, hand it on, write what is answered."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from bleak.exc import BleakError

from badge.core.codec import beacon

# A badge ends a connection after 20 s.
LONGEST_S: Final = 18.0
# So long without news, and the visit is over.
QUIET_S: Final = 3.0
# The same of one that has its answer, while others call: it calls again for what comes later.
HASTY_S: Final = 0.5
_LOOK_S: Final = 0.25


class Peer(Protocol):
    """What is used of a BleakClient that is connected."""

    async def read_gatt_char(self, char_specifier: str, /) -> bytearray:
        """The value of a characteristic."""

    async def write_gatt_char(
        self, char_specifier: str, data: bytes, /, *, response: bool
    ) -> None:
        """Set it."""


class Visit:
    """`carry(frame)` hands it to the receiver and gives the number of the call, or None.

    `do_others_wait()`: others call, and there is no room for a visit to them.
    """

    def __init__(
        self,
        carry: Callable[[bytes], int | None],
        do_others_wait: Callable[[], bool] = lambda: False,
    ) -> None:
        self._carry = carry
        self._do_others_wait = do_others_wait
        self._answers: asyncio.Queue[bytes] = asyncio.Queue(maxsize=16)
        self.calls: set[int] = set()
        self.fetched = self.written = 0
        # The receiver says that it is nothing of its badges.
        self.is_refused = False

    def answer(self, status: bytes) -> None:
        """The receiver's answer to one of the calls; empty: it knows no such badge."""
        if not status:
            self.is_refused = True
        elif not self._answers.full():
            self._answers.put_nowait(status)

    async def run(self, peer: Peer) -> None:
        """Until nothing more is to be fetched or answered; raises what the stack raises."""
        last = b""
        quiet_s = 0.0
        while quiet_s < self._patient_s() and not self.is_refused:
            value = bytes(await peer.read_gatt_char(beacon.FRAME))
            if not value or len(value) > beacon.VALUE_MAX:
                return
            if value != last:
                call = self._carry(value)
                if call is None:
                    return
                self.calls.add(call)
                self.fetched += 1
                last, quiet_s = value, 0.0
            try:
                status = await asyncio.wait_for(self._answers.get(), _LOOK_S)
            except TimeoutError:
                quiet_s += _LOOK_S
            else:
                await peer.write_gatt_char(beacon.STATUS, status, response=True)
                self.written += 1
                quiet_s = 0.0

    def _patient_s(self) -> float:
        return HASTY_S if self.written and self._do_others_wait() else QUIET_S


async def within(work: Awaitable[None], limit_s: float = LONGEST_S) -> str:
    """Do it; why it could not be done, or "". Whatever a stack or a stranger does ends here."""
    try:
        await asyncio.wait_for(work, limit_s)
    except TimeoutError:
        return "it takes too long"
    except (BleakError, OSError, EOFError, AttributeError, KeyError, ValueError) as error:
        return str(error) or type(error).__name__
    return ""
