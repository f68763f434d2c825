"""Which hellos of a badge are answered: none twice, and no more than a badge has reason to say."""

from enum import Enum
from typing import Final

from badge.core.codec import wire

# Two for all that a badge can have open, after each of several connects in a row. What comes
# beyond that is a fault of the badge, and must not hold up the alarms of others.
MOST: Final = 10
WINDOW_MS: Final = 10_000


class Verdict(Enum):
    """What is done with a hello."""

    ANSWER = 1
    TOO_MANY = 2  # it counts as heard, and gets no answer
    REPLAY = 3  # it is no later than the last one


class Hellos:
    """Remembers the last hello of each badge, and the key it was under. Not for two threads."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[bytes | None, int, int]] = {}
        # When a badge's window began, and how many came in it.
        self._windows: dict[str, tuple[int, int]] = {}

    def knows(self, badge: str, key: bytes | None) -> bool:
        """Whether the badge has said hello under that key: it asks for what it missed."""
        last = self._last.get(badge)
        return last is not None and last[0] == key

    def judge(self, hello: wire.Hello, key: bytes | None, now_ms: int) -> Verdict:
        """Judge a hello whose authenticity has been checked under `key`; `now_ms` is steady."""
        badge = hello.badge
        last = self._last.get(badge)
        # A badge that was provisioned anew has another key, and counts from 1 again.
        if last is not None and last[0] == key and (hello.boot, hello.count) <= last[1:]:
            return Verdict.REPLAY
        self._last[badge] = (key, hello.boot, hello.count)
        since_ms, count = self._windows.get(badge, (now_ms, 0))
        if now_ms - since_ms >= WINDOW_MS:
            since_ms, count = now_ms, 0
        self._windows[badge] = (since_ms, count + 1)
        return Verdict.ANSWER if count < MOST else Verdict.TOO_MANY
