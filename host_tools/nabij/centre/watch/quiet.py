"""Notices a badge on shift that is not heard any more, whatever became of it."""

import threading
from collections.abc import Callable
from typing import Final

from nabij.centre.clocks import Moment
from nabij.centre.incidents.shifts import Shift
from nabij.centre.store import Store, StoreError
from nabij.centre.watch.deadlines import ReadsTime
from nabij.errors import UsageError

LOOK_EVERY_S: Final = 5.0
DEFAULT_MIN: Final = 15
# R07 wants half an hour in all; a dead connection stays in the server's list for one and a half
# times the badge's longest keep-alive, which is 300 s unless somebody sets it.
MOST_MIN: Final = 22
# Whoever has not looked for so long knows nothing of the time in between: a suspended machine, a
# broker that was down. Badges then get the whole time anew to connect.
BLIND_MS: Final = 60_000
# A message that waited at the broker says little about now.
FRESH_MS: Final = round(LOOK_EVERY_S * 1000)
R07_MS: Final = 30 * 60_000
# The longest keep-alive that a configuration may have (core/settings), which no hello tells.
LONGEST_S: Final = 593
# A badge that finds its connection gone has a new one by then, where there is coverage.
ANEW_MS: Final = 120_000


def check_minutes(minutes: int) -> int:
    """The limit in ms; UsageError unless it keeps R07."""
    if not 1 <= minutes <= MOST_MIN:
        raise UsageError(
            f"--quiet-min {minutes} cannot be: give 1 to {MOST_MIN}. A technical alarm has to "
            "come within 30 min (R07, DGUV-I 212-139), and up to 8 of them pass before a dead "
            "connection is seen."
        )
    return minutes * 60_000


def limit_of(keepalive_s: int | None, limit_ms: int) -> int:
    """For how long a badge that promises a sign each so many seconds may be away.

    A lost connection is found by the badge at its next sign, by the server after one and a half
    of the longest: no limit is below the one, and with the other none is above R07, nor raised
    beyond what that leaves for any badge, as no hello tells its longest.
    """
    if not keepalive_s:
        return limit_ms
    raised_ms = min(keepalive_s * 1500 + ANEW_MS, _most_ms(LONGEST_S))
    return max(min(max(limit_ms, raised_ms), _most_ms(keepalive_s)), 60_000)


def _most_ms(keepalive_s: int) -> int:
    return R07_MS - keepalive_s * 1500 - 2 * round(LOOK_EVERY_S * 1000)


class QuietWatch:
    """Opens an incident when a badge on shift is not connected for longer than its limit.

    That is `limit_ms`, or what `limit_of` makes of it by what the badge told of its keep-alive.
    `look` is given what is connected, each time that is known; nothing is concluded from not
    knowing. `tell` gets the id of each piece of news, `say` one sentence about what is odd.
    `last_ms` is when an earlier run of the receiver was last alive.
    """

    def __init__(
        self,
        store: Store,
        clock: ReadsTime,
        *,
        tell: Callable[[int], None],
        say: Callable[[str], None],
        limit_ms: int,
        last_ms: int | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._tell = tell
        self._say = say
        self._limit_ms = limit_ms
        self._last_ms = last_ms
        self._mutex = threading.Lock()
        self._spoke: set[str] = set()
        self._heard_ms: dict[str, int] = {}
        # Whom other receivers heard, and when by their time of day.
        self._others: dict[str, int] | None = None
        self._server: object = None
        self._looked_ms = clock.now().steady_ms
        # Since when it can be told who is connected.
        self._sight_ms: int | None = None
        self._blind_told = False

    def spoke(self, badge: str, lag_ms: int) -> None:
        """A new message of the badge was taken in. For any thread."""
        sent_ms = self._clock.now().steady_ms - lag_ms
        with self._mutex:
            self._heard_ms[badge] = max(sent_ms, self._heard_ms.get(badge, sent_ms))
            if lag_ms <= FRESH_MS:
                self._spoke.add(badge)

    def look(self, connected: frozenset[str], server: object) -> None:
        """Those are connected now; `server` is another after each start of the broker."""
        now = self._clock.now()
        shifts = self._store.shifts()
        with self._mutex:
            heard = connected | self._spoke | self._heard_elsewhere(shifts)
            self._spoke = set()
            self._heard_ms.update(dict.fromkeys(heard, now.steady_ms))
        blind_ms = now.steady_ms - self._looked_ms
        if self._sight_ms is None or blind_ms > BLIND_MS or server != self._server:
            self._sight_ms = now.steady_ms
        self._looked_ms, self._server = now.steady_ms, server
        refused = []
        for shift in shifts:
            try:
                if shift.badge in heard:
                    self._is_heard(shift, now)
                elif self._is_quiet(shift, now, self._sight_ms):
                    self._gone_quiet(shift, now)
            except StoreError as error:
                # Of one badge; the others may have gone quiet as well.
                refused.append(error.sentence)
        if refused:
            raise StoreError(" ".join(refused))
        self._note(shifts, heard, now)

    def check_sight(self) -> None:
        """To be asked now and then: says when nobody has looked for a while, and looks again."""
        blind = self._clock.now().steady_ms - self._looked_ms > BLIND_MS
        if blind == self._blind_told:
            return
        on_shift = sum(shift.due_steady_ms is not None for shift in self._store.shifts())
        if blind and not on_shift:
            return
        self._blind_told = blind
        self._say(
            f"BADGES ON SHIFT ({on_shift}) ARE NOT WATCHED for going quiet: the broker cannot be "
            "asked who is connected; see what is wrong with it."
            if blind
            else "Badges on shift are watched for going quiet again."
        )

    def _heard_elsewhere(self, shifts: list[Shift]) -> set[str]:
        """Those of which another receiver has a new message since the last look."""
        found = {one.badge: one.heard_ms for one in shifts if one.heard_ms is not None}
        before, self._others = self._others, found
        if before is None:
            return set()
        return {badge for badge, at_ms in found.items() if before.get(badge) != at_ms}

    def _note(self, shifts: list[Shift], heard: frozenset[str], now: Moment) -> None:
        """Keep since when they are away, for a receiver that starts anew meanwhile."""
        lost = {}
        for shift in shifts:
            if shift.lost_ms is None and shift.badge not in heard:
                lost[shift.badge] = self._last_heard_ms(shift, now)
        if lost:
            self._store.note_lost(lost)
        waits = {one.badge for one in shifts if one.lost_ms and one.incident_id is None}
        if waits & heard:
            self._store.note_found(waits & heard)

    def _last_heard_ms(self, shift: Shift, now: Moment) -> int:
        heard_ms = self._heard_ms.get(shift.badge)
        if heard_ms is not None:
            return now.wall_ms - (now.steady_ms - heard_ms)
        return now.wall_ms if self._last_ms is None else max(self._last_ms, shift.since_ms)

    def _is_heard(self, shift: Shift, now: Moment) -> None:
        if shift.incident_id is not None:
            news_id = self._store.heard_again(shift.badge, now)
            if news_id is not None:
                self._tell(news_id)
        if shift.due_steady_ms is not None and shift.is_over(now):
            self._store.end_shift(shift.badge)

    def _is_quiet(self, shift: Shift, now: Moment, sight_ms: int) -> bool:
        # A silence that began on shift counts to its end: only who is heard afterwards is well.
        if shift.due_steady_ms is None or shift.incident_id is not None:
            return False
        last_ms = max(sight_ms, self._heard_ms.get(shift.badge, sight_ms))
        return now.steady_ms - last_ms > limit_of(shift.keepalive_s, self._limit_ms)

    def _gone_quiet(self, shift: Shift, now: Moment) -> None:
        try:
            news_id = self._store.gone_quiet(shift.badge, now)
        except StoreError as error:
            raise StoreError(
                f"BADGE {shift.badge} HAS GONE QUIET and that cannot be kept. {error.sentence}"
            ) from error
        if news_id is not None:
            self._tell(news_id)
