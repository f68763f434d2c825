"""Tells one listener on a thread of its own: whoever fails or hangs there holds up nobody else."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from nabij.centre.database import duties
from nabij.centre.incidents.news import News
from nabij.centre.store import Store, StoreError
from nabij.errors import NabijError

# What happens in another process is seen so late; as late, that nobody tells any more.
LOOK_S: Final = 1.0
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 60.0
# Events are read so many at a time, and so many may be told beyond one that fails.
AT_ONCE: Final = 100
MOST_BEYOND: Final = 10_000
# So many alarms one after the other, and it is not the event that is to blame.
MOST_FAILURES: Final = 3

_log = logging.getLogger("nabij.receiver")


class Listener:
    """Hears of each event at least once, those of one alarm in their order.

    `hear` may block. When it raises, the event is told again after a growing pause, and so are
    those of the same alarm after it; the others go on, unless the database refuses all. `say` gets
    a sentence when that begins, and one when all was told. Of several receivers with a listener of
    one name, one tells it.
    """

    def __init__(
        self, name: str, hear: Callable[[News], object], say: Callable[[str], None]
    ) -> None:
        self.name = name
        self._hear = hear
        self._say = say
        self._told_id = 0
        # Told, beyond one that was not.
        self._beyond: set[int] = set()
        # Alarms of which an event failed, until it is tried again.
        self._held: set[int] = set()
        self._pause_s = 0.0
        self._again_s = 0.0
        self._began_s: float | None = None
        self._some = threading.Event()
        self._stopping = False
        self._dropped = False
        self._why = ""
        self._thread: threading.Thread | None = None

    def start(self, store: Store, now_ms: int) -> None:
        """Begin where it was; StoreError when that cannot be read."""
        self._store = store
        self._duty = duties.listening(self.name)
        self._told_id = store.begin_listener(self.name, now_ms)
        self._is_telling = False
        self._some.set()
        name = f"nabij-listener-{self.name}"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Something happened. For any thread; waits for nothing."""
        self._some.set()

    def busy_s(self) -> float:
        """For how long it has been at the event at hand."""
        began_s = self._began_s
        return 0.0 if began_s is None else time.monotonic() - began_s

    def stop(self) -> None:
        """Tell what waits, once, and end."""
        self._stopping = True
        self._some.set()

    def drop(self) -> None:
        """End, with what waits told to nobody now."""
        self._dropped = True
        self.stop()

    def has_ended(self, timeout_s: float) -> bool:
        """Whether it has, at the latest after so long."""
        if self._thread is not None:
            self._thread.join(timeout_s)
            return not self._thread.is_alive()
        return True

    def _run(self) -> None:
        while True:
            is_last = self._stopping
            self._some.clear()
            try:
                if not self._dropped and self._is_ours():
                    self._tell_all(is_last=is_last)
            except StoreError as error:
                self._failed(f"Listener {self.name} waits for the database. {error.sentence}")
            except Exception as error:  # noqa: BLE001 - people are called by what it tells
                if not self._pause_s:
                    _log.exception("fault in telling %s", self.name)
                self._failed(f"Listener {self.name} waits after a fault in nabij: {error}.")
            if is_last:
                return
            wait_s = self._again_s - time.monotonic() if self._pause_s else LOOK_S
            self._some.wait(min(LOOK_S, max(0.0, wait_s)))

    def _is_ours(self) -> bool:
        """Whether to tell is ours; who takes over goes on where the one before was."""
        was_telling, self._is_telling = self._is_telling, self._store.has_duty(self._duty)
        if self._is_telling and not was_telling:
            self._told_id = self._store.cursor(self.name)
            self._beyond.clear()
        return self._is_telling

    def _tell_all(self, *, is_last: bool) -> None:
        # Woken by something new, while what failed has to wait.
        is_early = bool(self._pause_s) and time.monotonic() < self._again_s and not is_last
        if not is_early:
            self._held.clear()
        elif len(self._held) >= MOST_FAILURES:
            return
        failed = False
        while not self._dropped and (pending := self._pending()):
            for change in self._store.news(tuple(pending)):
                alarm_id = pending[change.id]
                if alarm_id in self._held or self._dropped:
                    continue
                if self._is_heard(change):
                    self._beyond.add(change.id)
                else:
                    failed = True
                    self._held.add(alarm_id)
                    if len(self._held) >= MOST_FAILURES:
                        break
            self._keep()
            if len(self._held) >= MOST_FAILURES:
                break
        if failed:
            words = f"Listener {self.name} failed; it is told again until it does not."
            self._failed(words + self._why)
        elif self._pause_s and not is_early:
            self._pause_s = 0.0
            self._say(f"Listener {self.name} is told again, and of all that it missed.")

    def _pending(self) -> dict[int, int]:
        """The next events to tell, each with its alarm."""
        most = AT_ONCE + MOST_BEYOND
        limit = min(most, AT_ONCE + len(self._beyond))
        while True:
            found = self._store.events_after(self._told_id, limit)
            pending = [
                (event_id, alarm_id)
                for event_id, alarm_id in found
                if event_id not in self._beyond and alarm_id not in self._held
            ]
            # The events of one alarm that fails may be more than are read at once.
            if pending or len(found) < limit or limit == most:
                return dict(pending[:AT_ONCE])
            limit = min(most, 2 * limit)

    def _is_heard(self, change: News) -> bool:
        self._began_s = time.monotonic()
        try:
            self._hear(change)
        except StoreError as error:
            # That is about no event: what comes after it would be told before it.
            if error.of_all:
                raise
            self._why = f" {error.sentence}"
            return False
        except NabijError as error:
            self._why = f" {error.sentence}"
            return False
        except Exception:  # noqa: BLE001 - whatever a listener raises is not the next one's
            _log.exception("fault in listener %s", self.name)
            return False
        finally:
            self._began_s = None
        return True

    def _keep(self) -> None:
        """Move the cursor up to the first event that was not told."""
        told_id = self._told_id
        for event_id, _ in self._store.events_after(told_id, len(self._beyond) + 1):
            if event_id not in self._beyond:
                break
            told_id = event_id
        if told_id == self._told_id:
            return
        self._store.told(self.name, told_id)
        self._told_id = told_id
        self._beyond = {one for one in self._beyond if one > told_id}

    def _failed(self, sentence: str) -> None:
        if not self._pause_s:
            self._say(sentence)
        self._pause_s = min(LONGEST_PAUSE_S, max(FIRST_PAUSE_S, self._pause_s * 2))
        self._again_s = time.monotonic() + self._pause_s
