"""A running receiver and what it told."""

import contextlib
import queue
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from nabij.centre.clocks import Clock, Moment
from nabij.centre.incidents.incident import Incident
from nabij.centre.incidents.merge import What
from nabij.centre.incidents.news import News
from nabij.centre.service import Receiver
from tests.host.centre.badge_client import BadgeClient
from tests.ports import free_port

# At once on a machine with nothing else to do.
SENTENCE_S = 60.0


class AheadClock(Clock):
    """The machine's clocks, and a leap over the time that nobody wants to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead_ms = 0

    def now(self) -> Moment:
        now = super().now()
        ahead = self.ahead_ms
        return replace(now, wall_ms=now.wall_ms + ahead, steady_ms=now.steady_ms + ahead)


def opened(hear: Callable[[Incident], object]) -> Callable[[News], None]:
    """A listener that only hears of new incidents."""

    def hear_news(change: News) -> None:
        if change.what is What.OPENED:
            assert change.incident is not None
            hear(change.incident)

    return hear_news


def changed(hear: Callable[[News], object]) -> Callable[[News], None]:
    """A listener that hears of all but new incidents."""

    def hear_news(change: News) -> None:
        if change.what is not What.OPENED:
            hear(change)

    return hear_news


class Desk:
    """A running receiver and what it told."""

    def __init__(self, state: Path, **options: Any) -> None:
        self.state = state
        self.port = free_port()
        self.said: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.seen: queue.SimpleQueue[Incident] = queue.SimpleQueue()
        self.clock = AheadClock()
        options = {"clock": self.clock, **options}
        self.receiver = Receiver(state, port=self.port, say=self.said.put, **options)
        self.receiver.listen("desk", opened(self.seen.put))

    def badge(self, name: str, **options: Any) -> BadgeClient:
        folder = self.state / "badges" / name
        return BadgeClient(folder, port=self.port, **options)

    def heard(self, words: str) -> str:
        """Wait for a sentence that has the words."""
        deadline = time.monotonic() + SENTENCE_S
        with contextlib.suppress(queue.Empty):
            while True:
                sentence = self.said.get(timeout=max(0.0, deadline - time.monotonic()))
                if words in sentence:
                    assert sentence.endswith(".")
                    return sentence
        raise AssertionError(f"never said: {words}")
