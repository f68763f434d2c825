"""Location outside alarms at a receiver: what badges on shift say is sealed by the keeper at once.

It has a thread of its own: nothing that takes alarms waits for it, and while the keeper is away
positions are dropped.
"""

import asyncio
import math
import threading
import time
from collections import Counter
from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

from badge.core.codec import wire
from nabij.centre.clocks import Clock, Moment
from nabij.centre.database import duties
from nabij.centre.keeper.refused import RefusedError, Why
from nabij.centre.location import consent, kept, opening
from nabij.centre.location.consent import Switch
from nabij.centre.location.kept import Place, Sealing, Wish
from nabij.centre.location.line import AwayError, Line, OtherKeeperError
from nabij.centre.location.position_text import place_in
from nabij.centre.recurring import Job
from nabij.centre.store import Store
from nabij.errors import NabijError

LOOK_S: Final = 1.0
# In looks: within so many the keys of what is not kept any more are destroyed.
_TIDY: Final = 10
# What the keeper refused for now is asked for again after so many.
_AGAIN: Final = 30
# A keeper that is away is called again after one, then twice that, and so on up to so many.
_MOST_PAUSE: Final = 30
_STOP_S: Final = 10.0
# So many badges are looked at in one transaction.
_AT_ONCE: Final = 20
AWAY: Final = "the keeper is away"
REFUSED: Final = "the keeper refuses"
FAULT: Final = "the receiver could not keep it"
_BEGINS: Final = {Why.NO_SHIFT, Why.OVER}


class ReadsTime(Protocol):
    """A clock."""

    def now(self) -> Moment:
        """The moment it is."""


class Location:
    """`keeper` is its socket, None where there is none."""

    def __init__(
        self, keeper: Path | None, clock: ReadsTime | None = None, look_s: float = LOOK_S
    ) -> None:
        self._keeper = keeper
        self._look_s = look_s
        self._clock = clock or Clock()
        self._mutex = threading.Lock()
        self._found: dict[str, tuple[wire.Hello, int]] = {}
        # Of each badge on shift, what began it, if that was since the start.
        self._began: dict[str, bytes] = {}
        # Of which shifts the keeper was told that they are over.
        self._ended: set[tuple[str, int]] = set()
        self._is_on = False
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._tidy_now = threading.Event()
        self._thread: threading.Thread | None = None
        # Why positions are dropped, since the start; how many were sealed.
        self.dropped: Counter[str] = Counter()
        self.sealed = 0
        self._next_s, self._pause_s = 0.0, look_s
        self._tidy_s = 0.0
        self._again_s: dict[int, float] = {}
        self.trouble = ""

    def hear(self, hello: wire.Hello, heard_ms: int) -> None:
        """A hello told where its badge was at that time of day. For any thread; never waits."""
        with self._mutex:
            # Of each badge the newest: it bounds what waits, and no other is kept anyway.
            self._found[hello.badge] = (hello, heard_ms)
        self._wake.set()

    def begin(self, message: wire.AlarmMessage, frame: bytes) -> None:
        """A badge began its shift, or goes on with it. For any thread; never waits."""
        with self._mutex:
            # The records have no frame of older firmware, which says where the badge was.
            self._began[message.badge] = frame

    def sentence(self) -> str:
        """How it stands, for the status; empty while nothing is kept."""
        if not self._is_on:
            return ""
        lost = sum(self.dropped.values())
        why = ", ".join(f"{count} because {why}" for why, count in self.dropped.most_common())
        dropped = f", {lost:,} dropped ({why})" if lost else ""
        return f"Location outside alarms: {self.sealed:,} sealed since the start{dropped}."

    def wake(self) -> None:
        """Something was asked for: look now, and tidy. For any thread."""
        self._tidy_now.set()
        self._wake.set()

    async def start(self, receiver: Any) -> None:
        """Begin, in a receiver."""
        store: Store = receiver.store
        self._store, self._changed, self._tell = store, receiver.changed, receiver.tell
        self._line = None if self._keeper is None else Line(self._keeper, self._trusts)
        self._thread = threading.Thread(target=self._run, name="nabij-location", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """End; what was not sealed by now is dropped."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, _STOP_S)

    def job(self) -> Job:
        """What has to recur in the receiver, so that its status has what is the matter here."""

        async def look() -> None:
            if self.trouble:
                raise NabijError(self.trouble)

        return Job(
            "nabij-location",
            LOOK_S,
            look,
            "Location outside alarms is not looked at",
            "Where people are outside alarms is kept again.",
        )

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(self._look_s)
            self._wake.clear()
            try:
                self._round()
            except NabijError as error:
                # The database: the receiver says so itself, and this is tried again.
                self._drop_all(FAULT)
                self.trouble = f"Where people are outside alarms is not kept. {error.sentence}"
            except Exception as error:  # noqa: BLE001 - it must outlive any fault of ours
                self._drop_all(FAULT)
                self.trouble = (
                    f"Where people are outside alarms is not kept because of a fault in nabij: "
                    f"{error!r}."
                )
        if self._line is not None:
            self._line.close()

    def _round(self) -> None:
        now = self._clock.now()
        switch = self._store.read(consent.switch)
        self._is_on = switch.is_on(now.wall_ms)
        if not self._is_on:
            self._is_off(switch, now)
            return
        if self._line is None:
            self._drop_all(AWAY)
            self.trouble = (
                "Where people are outside alarms is to be kept, and this receiver has no keeper: "
                "give `nabij serve` its --keeper, or set the term `location` to 0."
            )
            return
        if time.monotonic() < self._next_s:
            self._drop_all(AWAY)
            return
        try:
            self._work(self._line, switch, now)
        except AwayError as error:
            self._is_away(self._line, error)
        else:
            self._pause_s = self._look_s

    def _work(self, line: Line, switch: Switch, now: Moment) -> None:
        found = self._taken()
        try:
            self._seal(line, found, switch, now)
        finally:
            # What was not sealed in this round is not kept for the next.
            if found:
                self.dropped[AWAY] += len(found)
        for wish in self._store.read(_wishes_if_ours):
            if self._again_s.get(wish.incident_id, 0.0) <= time.monotonic():
                self._open(line, wish, now)
        if self._is_time_to_tidy():
            self._tidy(line, switch, now)
            self.trouble = ""

    def _is_time_to_tidy(self) -> bool:
        if not self._tidy_now.is_set() and time.monotonic() < self._tidy_s:
            return False
        self._tidy_now.clear()
        self._tidy_s = time.monotonic() + _TIDY * self._look_s
        return True

    def _taken(self) -> dict[str, Place]:
        with self._mutex:
            found, self._found = self._found, {}
        return {badge: place_in(*heard) for badge, heard in found.items()}

    def _drop_all(self, why: str) -> None:
        if found := self._taken():
            self.dropped[why] += len(found)

    def _seal(self, line: Line, found: dict[str, Place], switch: Switch, now: Moment) -> None:
        """Seal what may be, a few at a time, for alarms have the records in between."""
        while found:
            some = dict(list(found.items())[:_AT_ONCE])
            self._seal_some(line, some, switch, now)
            for badge in some:
                del found[badge]

    def _seal_some(self, line: Line, found: dict[str, Place], switch: Switch, now: Moment) -> None:
        may, dropped = self._store.read(
            lambda connection: kept.sort_out(connection, found, switch, now)
        )
        self.dropped += dropped
        sealed: list[tuple[Sealing, bytes]] = []
        try:
            for one in may:
                text = self._sealed(line, one)
                if text is not None:
                    sealed.append((one, text))
        finally:
            if sealed:
                self._store.write(lambda connection: kept.keep(connection, sealed))
                self.sealed += len(sealed)

    def _sealed(self, line: Line, one: Sealing) -> bytes | None:
        try:
            try:
                return line.seal(one.badge, one.shift_ms, one.place.text)
            except RefusedError as error:
                if error.why not in _BEGINS:
                    raise
            with self._mutex:
                begin = self._began.get(one.badge, one.begin)
            line.begin(one.badge, one.shift_ms, one.verify, begin)
            return line.seal(one.badge, one.shift_ms, one.place.text)
        except RefusedError as error:
            self.dropped[f"{REFUSED}: {error.why}"] += 1
            return None

    def _open(self, line: Line, wish: Wish, now: Moment) -> None:
        head = self._store.read(opening.audit_head)
        found = opening.ask(line, wish, head)
        self._store.write(partial(opening.keep, wish=wish, found=found, now_ms=now.wall_ms))
        if isinstance(found, Why):
            self._again_s[wish.incident_id] = time.monotonic() + _AGAIN * self._look_s
        else:
            # The records have only the newest of several incidents of a badge.
            self._again_s[wish.incident_id] = math.inf
            self._tell(())
            self._changed()

    def _tidy(self, line: Line, switch: Switch, now: Moment) -> None:
        """Let go of what is past; keys follow what is kept, and shifts that are over end there."""
        held = line.held()

        def look(connection: Any) -> set[tuple[str, int]] | None:
            if not duties.take(connection, duties.WATCHING):
                return None
            kept.let_go(connection, switch, now)
            kept.remove_dead(connection, held)
            return set(kept.sealed(connection))

        sealed = self._store.write(look)
        if sealed is not None:
            running = self._store.read(lambda connection: kept.running(connection, now))
            self._settle(line, held, sealed, running)

    def _settle(
        self,
        line: Line,
        held: Collection[tuple[str, int]],
        sealed: Collection[tuple[str, int]],
        running: Collection[tuple[str, int]],
    ) -> None:
        self._ended.intersection_update(held)
        for badge, shift_ms in held:
            if (badge, shift_ms) in running:
                continue
            try:
                if (badge, shift_ms) in sealed:
                    if (badge, shift_ms) not in self._ended:
                        line.end(badge, shift_ms)
                        self._ended.add((badge, shift_ms))
                else:
                    line.destroy(badge, shift_ms)
            except RefusedError:
                # It went by itself meanwhile, or the keeper's disk is full: its term ends it.
                continue

    def _is_off(self, switch: Switch, now: Moment) -> None:
        """Nothing is kept, and what was sealed before goes, with its keys."""
        self._drop_all(kept.OFF)
        self.trouble = ""
        if time.monotonic() < self._next_s or not self._is_time_to_tidy():
            return
        self._store.write(lambda connection: kept.let_go(connection, switch, now))
        if self._line is None:
            return
        try:
            self._settle(self._line, self._line.held(), (), ())
        except AwayError as error:
            self._is_away(self._line, error)
            # Nobody misses it; its keys go by themselves when their time is over.
            self.trouble = ""

    def _is_away(self, line: Line, error: AwayError) -> None:
        line.close()
        self._tidy_now.set()
        self._next_s = time.monotonic() + self._pause_s
        self._pause_s = min(2 * self._pause_s, _MOST_PAUSE * self._look_s)
        self.trouble = (
            f"THE KEEPER IS AWAY ({error}): where people are outside alarms is not kept, and can "
            "be opened for no alarm, until it is back; alarms and receipts do not wait for it. "
            "Start `nabij keeper run`, or see what holds it up."
        )
        if isinstance(error, OtherKeeperError):
            self.trouble = (
                f"ANOTHER KEEPER LISTENS AT {self._keeper} than the one that is trusted: where "
                "people are outside alarms is not kept. See who started it; if you replaced it "
                "yourself, have it trusted with `nabij location trust`."
            )

    def _trusts(self, key: bytes) -> bool:
        now_ms = self._clock.now().wall_ms
        return self._store.write(lambda connection: opening.trusts(connection, key, now_ms))


def _wishes_if_ours(connection: Any) -> list[Wish]:
    """Of several receivers the one that watches asks: two would note each position twice."""
    return kept.wishes(connection) if duties.take(connection, duties.WATCHING) else []
