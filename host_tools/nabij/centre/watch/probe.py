"""A probe goes the way of an alarm and its receipt: it alone shows that alarms arrive now."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

EVERY_S: Final = 10.0
BACK_S: Final = 30.0
# By then it shows how far a probe comes.
SETTLED_S: Final = 3.0
# Who has not looked for so long was frozen itself.
FROZEN_S: Final = 5.0
# What is mended gets so long to show it; each further try twice as long.
FIRST_PAUSE_S: Final = 30.0
MOST_PAUSE_S: Final = 600.0


class Stage(Enum):
    """How far the newest probe came, in words."""

    NOT_SENT = "the broker does not answer"
    SENT = "the broker has it and does not hand it over"
    REFUSED = "the database refuses"
    KEPT = "its receipt does not come back"
    BACK = "all is well"


@dataclass(frozen=True)
class Verdict:
    """What is the matter, None when nothing is; and whether something is to be mended now."""

    sentence: str | None
    mend: bool = False
    # How often that was tried before.
    tries: int = 0


class ProbeWatch:
    """Judges by what comes back. `now_s()` is a steady time."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        now = now_s()
        self._looked_s = now
        # The last one that came back, or when waiting for one began.
        self._back_s: float | None = None
        self._since_s = now
        self._began_s = now
        self._sent_s: float | None = None
        self._token = b""
        self._tries = 0
        self._mended_s = now
        # Of the newest, and of the one before.
        self._stage = self._before = Stage.NOT_SENT

    @property
    def stage(self) -> Stage:
        """How far probes come, as far as the newest has had the time for it."""
        is_new = self._sent_s is not None and self._now_s() - self._sent_s < SETTLED_S
        return self._before if is_new and self._stage is not Stage.BACK else self._stage

    def age_s(self) -> float:
        """For how long none has come back."""
        return self._now_s() - (self._began_s if self._back_s is None else self._back_s)

    def is_young(self) -> bool:
        """Alarms arrive now."""
        return self._back_s is not None and self.age_s() <= BACK_S

    def is_due(self) -> bool:
        """It is time for another."""
        return self._sent_s is None or self._now_s() - self._sent_s >= EVERY_S

    def next(self) -> bytes:
        """Another, to be sent now."""
        self._token = secrets.token_bytes(8)
        self._sent_s = self._now_s()
        self._before, self._stage = self._stage, Stage.SENT
        return self._token

    def sent(self, *, done: bool) -> None:
        """Whether the broker has the newest."""
        if not done and self._stage is Stage.SENT:
            self._stage = Stage.NOT_SENT

    def taken(self, token: bytes, *, kept: bool) -> None:
        """It reached the database, and whether that keeps it. For any thread."""
        if token == self._token and self._stage is not Stage.BACK:
            self._stage = Stage.KEPT if kept else Stage.REFUSED

    def back(self, token: bytes) -> None:
        """It is back; an older one shows nothing about now."""
        if token == self._token:
            self._stage = Stage.BACK
            self._back_s = self._since_s = self._now_s()
            self._tries = 0

    def look(self) -> Verdict:
        """To be asked every second."""
        now_s = self._now_s()
        if now_s - self._looked_s > FROZEN_S:
            # We were stopped ourselves: nobody else is to blame for the time in between.
            self._since_s = self._mended_s = now_s
        self._looked_s = now_s
        if now_s - self._since_s <= BACK_S:
            return Verdict(None)
        sentence = (
            "NO ALARM CAN ARRIVE: a probe that goes the way of an alarm does not come back "
            f"({self.stage.value})."
        )
        pause_s = min(FIRST_PAUSE_S * 2**self._tries, MOST_PAUSE_S)
        if self._tries and now_s - self._mended_s < pause_s:
            return Verdict(sentence)
        self._tries += 1
        self._mended_s = now_s
        return Verdict(sentence, mend=True, tries=self._tries - 1)
