"""Fingers on two buttons: true contacts with bounce and stalls, seen as the badge sees them."""

from dataclasses import dataclass, field

from badge.core import ticks
from badge.core.wearer.gestures import STUCK, Gestures

HOLD_MS, DEBOUNCE_MS, DOUBT_MS = 1500, 30, 80
# Every history crosses the wrap of the ticks.
START_MS = ticks.PERIOD - 2500
POLL_MS = 250
# Fingers are still at least this long before the recogniser is asked for the last time.
REST_MS = 1500
ADJOINING_MS = 5


@dataclass
class Seen:
    """A shape and when it was told, in ms after the start."""

    at_ms: int
    shape: str
    button: int | None
    tried: tuple[bool, bool] = (False, False)


@dataclass
class Fingers:
    """Presses as (button, down_ms, up_ms); bounce follows each edge; stalls hide edges.

    A stall is (begin_ms, end_ms, announced): while it lasts nothing is looked at, and only of an
    announced one is known afterwards how long it was.
    """

    presses: list[tuple[int, int, int]]
    bounce_ms: list[int] = field(default_factory=list)
    stalls: list[tuple[int, int, bool]] = field(default_factory=list)

    def edges(self) -> list[tuple[int, int, int]]:
        """Every true change of a contact: (ms, button, level)."""
        found = []
        for k, (button, down_ms, up_ms) in enumerate(self.presses):
            gap_ms = self.bounce_ms[k % len(self.bounce_ms)] if self.bounce_ms else 0
            for at_ms, level in ((down_ms, 1), (up_ms, 0)):
                found.append((at_ms, button, level))
                if gap_ms:
                    found.append((at_ms + gap_ms, button, 1 - level))
                    found.append((at_ms + 2 * gap_ms, button, level))
        return sorted(found)

    def seen(self, sos_gesture: str = "squeeze", hold_ms: int = HOLD_MS) -> list[Seen]:
        """What the recogniser makes of it, looked at as tasks/wearer/buttons_task.py looks."""
        gestures = Gestures(sos_gesture, hold_ms, DEBOUNCE_MS, DOUBT_MS)
        edges = self.edges()
        stalls = _merged(self.stalls)
        end_ms = max([up_ms for _, _, up_ms in self.presses], default=0) + 2 * REST_MS
        end_ms = max([end_ms, *(stall[1] + REST_MS for stall in stalls)])
        found: list[Seen] = []
        level, known, counted = [0, 0], [0, 0], [0, 0]
        now_ms, last_look_ms = 0, 0
        while now_ms <= end_ms:
            for stall in stalls:
                if stall[0] <= now_ms < stall[1]:
                    now_ms = stall[1]
            while edges and edges[0][0] <= now_ms:
                _, button, level[button] = edges.pop(0)
                counted[button] += 1
            earliest_ms = max(last_look_ms, _earliest_ms(stalls, now_ms))
            for button in (0, 1):
                if counted[button] or level[button] != known[button]:
                    gestures.edge(
                        button, level[button], _at(now_ms), _at(earliest_ms), counted[button]
                    )
                    known[button], counted[button] = level[button], 0
            last_look_ms = now_ms
            while (told := gestures.poll(_at(now_ms))) is not None:
                shape, pressed = told
                found.append(Seen(now_ms, shape, pressed, gestures.tried))
            due_ms = gestures.due_ms(_at(now_ms))
            wait_ms = POLL_MS if due_ms is None else min(max(due_ms, 1), POLL_MS)
            now_ms = min([now_ms + wait_ms, *(at for at, _, _ in edges[:1] if at > now_ms)])
        assert gestures.due_ms(_at(now_ms)) is None or any(level)
        assert not gestures.is_under_way()
        return found


def shapes(seen: list[Seen]) -> list[str]:
    return [one.shape for one in seen if one.shape != STUCK]


def _at(ms: int) -> int:
    at_ms: int = ticks.add(START_MS, ms)
    return at_ms


def _merged(stalls: list[tuple[int, int, bool]]) -> list[tuple[int, int, bool]]:
    """In order; one that would begin before the last is over begins after it."""
    found: list[tuple[int, int, bool]] = []
    for begin_ms, end_ms, announced in sorted(stalls):
        free_ms = found[-1][1] + ADJOINING_MS + 1 if found else 0
        start_ms = max(begin_ms, free_ms)
        found.append((start_ms, start_ms + end_ms - begin_ms, announced))
    return found


def _earliest_ms(stalls: list[tuple[int, int, bool]], now_ms: int) -> int:
    for begin_ms, end_ms, announced in stalls:
        if announced and end_ms <= now_ms <= end_ms + ADJOINING_MS:
            return begin_ms
    return now_ms
