"""Which badges send more than any badge has reason to: those are held back for a while."""

from typing import Final, Generic, TypeVar

Answer = TypeVar("Answer")
# An alarm is repeated every few seconds, and few are open at a time; a flood is hundreds a second.
MOST: Final = 200
WINDOW_MS: Final = 10_000
# For so long a badge that floods is not let in, and never longer: it may have an alarm.
REFUSED_MS: Final = 9_000
# Frames that are refused are told so often a minute, badge and reason.
TOLD: Final = 3
TOLD_MS: Final = 60_000


class Windows:
    """Counts by name within windows of time. Not for two threads."""

    def __init__(self, most: int, window_ms: int) -> None:
        self._most = most
        self._window_ms = window_ms
        self._began: dict[str, tuple[int, int]] = {}

    def count(self, name: str, at_ms: int) -> int:
        """One more; by how many that is too many, 1 for the first that is."""
        since_ms, count = self._began.get(name, (at_ms, 0))
        if not 0 <= at_ms - since_ms < self._window_ms:
            since_ms, count = at_ms, 0
        self._began[name] = (since_ms, count + 1)
        return max(0, count + 1 - self._most)


class Copies(Generic[Answer]):
    """The last answers to frames, for the very same frame again: no commit need be made for it.

    `kept_ms` is short, for how an alarm stands may change. Not for two threads.
    """

    def __init__(self, most: int = 1024, kept_ms: int = 2_000) -> None:
        self._most = most
        self._kept_ms = kept_ms
        self._answers: dict[bytes, tuple[int, Answer]] = {}

    def get(self, frame: bytes, now_ms: int) -> Answer | None:
        """What was answered to it just now."""
        found = self._answers.get(frame)
        if found is None or not 0 <= now_ms - found[0] < self._kept_ms:
            return None
        return found[1]

    def put(self, frame: bytes, now_ms: int, answer: Answer) -> None:
        """That was answered."""
        self._answers.pop(frame, None)
        if len(self._answers) >= self._most:
            del self._answers[next(iter(self._answers))]
        self._answers[frame] = (now_ms, answer)
