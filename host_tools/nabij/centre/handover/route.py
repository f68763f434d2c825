"""The way of one account to an alarm centre: its addresses, its clock, and its pulse."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from nabij.centre.handover.arcs import Arc
from nabij.centre.handover.frame import NULL, Frame
from nabij.centre.handover.line import Answer, Line, Said

# Beside the back-up the primary one is asked again each so many seconds.
RETURN_S: Final = 60.0
# Of the longest pause, so that a slow answer is still within it.
PULSE_SHARE: Final = 0.8
# A path that is silent is asked again after so many seconds.
_AGAIN_S: Final = 10.0


class Route:
    """Sends frames to whichever address answers. `now_s()` is a steady time, `utc_ms()` of day."""

    def __init__(
        self, arc: Arc, account: str, now_s: Callable[[], float], utc_ms: Callable[[], int]
    ) -> None:
        self.arc, self.account = arc, account
        self._now_s, self._utc_ms = now_s, utc_ms
        self._lines = [Line(host, port, arc.key) for host, port in arc.addresses]
        self._at = 0
        # By how much each centre's clock is ahead of ours.
        self._ahead_ms = [0 for _ in arc.addresses]
        self._answered_s: float | None = None
        self._failing_since_s: float | None = None
        self._asked_primary_s = now_s()
        self._pulse_s: float | None = None
        self._words = ""

    @property
    def address(self) -> str:
        """Where frames go now."""
        return self._lines[self._at].name

    @property
    def failing_s(self) -> float:
        """For how long no address has taken anything; 0 while one does."""
        return 0.0 if self._failing_since_s is None else self._now_s() - self._failing_since_s

    @property
    def words(self) -> str:
        """Why the last frame was not taken."""
        return self._words

    async def send(self, sent: Frame) -> Answer:
        """Send it by the address that answered last, else by the others in turn."""
        first = self._at
        answer = await self._by(first, sent)
        for step in range(1, len(self._lines)):
            if answer.said is not Said.SILENCE:
                break
            at = (first + step) % len(self._lines)
            answer = await self._by(at, sent)
            if answer.said is not Said.SILENCE:
                self._at = at
                self._asked_primary_s = self._now_s()
        self._note(answer)
        return answer

    def wants_look(self) -> bool:
        """Whether `look` has something to do now."""
        return self._is_return_due() or self._is_pulse_due()

    async def look(self) -> None:
        """Show that the path is there when nothing else did; go back to the primary address."""
        pulse = Frame(NULL, 0, self.account)
        if self._is_return_due():
            self._asked_primary_s = self._now_s()
            if (await self._by(0, pulse)).said is Said.ACK:
                self._lines[self._at].close()
                self._at = 0
        if self._is_pulse_due():
            self._pulse_s = self._now_s()
            await self.send(pulse)

    def close(self) -> None:
        """Hang up; safe to call twice."""
        for line in self._lines:
            line.close()

    def _is_return_due(self) -> bool:
        return self._at > 0 and self._now_s() - self._asked_primary_s >= RETURN_S

    def _is_pulse_due(self) -> bool:
        pause_s, now_s = self.arc.supervision_s * PULSE_SHARE, self._now_s()
        if not pause_s or (self._answered_s is not None and now_s - self._answered_s < pause_s):
            return False
        return self._pulse_s is None or now_s - self._pulse_s >= min(pause_s, _AGAIN_S)

    async def _by(self, at: int, sent: Frame) -> Answer:
        answer = await self._lines[at].ask(self._stamped(at, sent))
        if answer.said is Said.NAK and answer.stamp_ms is not None:
            ahead_ms = answer.stamp_ms - self._utc_ms()
            # It refused our time and says its own: the same frame once more, by that.
            if abs(ahead_ms - self._ahead_ms[at]) > 1_000:
                self._ahead_ms[at] = ahead_ms
                answer = await self._lines[at].ask(self._stamped(at, sent))
        return answer

    def _stamped(self, at: int, sent: Frame) -> Frame:
        return replace(sent, stamp_ms=self._utc_ms() + self._ahead_ms[at])

    def _note(self, answer: Answer) -> None:
        now_s = self._now_s()
        if answer.said in {Said.ACK, Said.DUH}:
            self._answered_s, self._failing_since_s = now_s, None
            return
        self._words = answer.words
        if self._failing_since_s is None:
            self._failing_since_s = now_s
