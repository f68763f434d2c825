"""Wears a badge through recorded or made motion: the shipped man-down and alarm book on the host.

Nobody answers: a pre-alarm that its cause does not end becomes an alarm, which the centre takes
and closes at once. The detector's kernel is compiled by numba, which leaves the same bits.
"""

from __future__ import annotations

import copy
from array import array
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from badge.core.alarm import kinds, life
from badge.core.alarm.book import AlarmBook
from badge.core.body.body_watch import BodyWatch, Silencing
from badge.core.body.man_down import ManDown
from badge.core.detector import detect
from badge.core.detector import params as detector_params
from nabij.detector import engines
from nabij.detector.decide import DECISIONS, SNAPSHOT_WORDS, Decision
from nabij.detector.sampling import Samples

_PERIOD_MS: Final = 1 << 30
_TICK_SAMPLES: Final = detect.RATE_HZ


@dataclass(frozen=True)
class Happening:
    """Something that the badge did."""

    # After the first sample.
    at_s: float
    # pre_alarm, alarm, cleared, cancelled, felt, or the name of a line of the log.
    what: str
    # Of the alarm: man_down, tilt, rest, rip, flight. Or the signal that was felt.
    kind: str = ""
    fields: Any = None


class Badge:
    """A badge on somebody who does not react to it, at 104 samples a second."""

    def __init__(self, config: Any, *, start_ms: int = 0, was_worn: bool = True) -> None:
        self.config = config
        self.happened: list[Happening] = []
        self.decisions: list[Decision] = []
        self.man_down = ManDown(config, _step_block)
        if was_worn:
            self.man_down.conditions.wearing.assume_worn()
        self.keeper = _Keeper(self)
        self.pulses = 0
        # What silences man-down, as the badge's other parts would tell: for a caller to change.
        self.is_off = False
        self.is_on_charger: bool | None = False
        silencing = Silencing(self._is_off, self._is_on_reserve, self._is_on_charger)
        self.watch = BodyWatch(
            self.man_down, self.keeper, self._feel, self._pulses, silencing, self
        )
        self._start_ms = start_ms
        self.samples = 0
        self._ticked = 0

    def fork(self) -> Badge:
        """Return another badge to which all that happened to this one has happened."""
        return copy.deepcopy(self)

    def leap(self) -> Badge:
        """Let motion that was not seen lie between what was and what comes.

        The detector begins anew, as after a long gap in the samples, but keeps what it has learned
        of how it hangs: a posture that jumps from one sample to the next would be a fall to it.
        """
        state = self.man_down.state
        upright = slice(detect.S_FRAME, detect.S_FRAME + 3)
        learned, known = state[upright], state[detect.S_UPRIGHTS]
        self.man_down.reset()
        state[upright], state[detect.S_UPRIGHTS] = learned, known
        return self

    def wear(self, samples: Samples) -> Badge:
        """Go through N x 3 int16 milli-g at 104 Hz."""
        words = np.ascontiguousarray(samples, np.int16).view(np.uint16).reshape(-1, 3)
        at = 0
        while at < len(words):
            take = min(self.man_down.room(), len(words) - at)
            self.samples += take
            chunk = array("H", words[at : at + take].tobytes())
            at += take
            # A verdict goes on to the next impact at once.
            peak_q = self.man_down.state[detect.S_PEAK_Q]
            bits = self.man_down.feed(chunk, take)
            if bits & DECISIONS:
                self._decided(bits, peak_q)
            self.watch.block(bits, self.samples, self.now_ms)
            if self.samples - self._ticked >= _TICK_SAMPLES:
                self.pass_second()
        return self

    def pass_second(self) -> None:
        """Let the clocks be looked at, as they are once a second."""
        self._ticked = self.samples
        self.watch.tick(self.now_ms)
        self.keeper.look(self.now_ms)

    def pass_time(self, seconds: int) -> None:
        """Let time pass without samples, as while the accelerometer is dead."""
        for _ in range(seconds):
            self.samples += _TICK_SAMPLES
            self.pass_second()

    @property
    def now_ms(self) -> int:
        """The ticks of the badge's clock, which wrap."""
        passed_ms = self.samples * 1000 // int(detect.RATE_HZ)
        return (self._start_ms + passed_ms) % _PERIOD_MS

    def of(self, what: str, kind: str | None = None) -> list[float]:
        """Return when something was done, in seconds since the first sample."""
        return [
            moment.at_s
            for moment in self.happened
            if moment.what == what and kind in (None, moment.kind)
        ]

    def note(self, what: str, kind: str = "", fields: Any = None) -> None:
        """Add a Happening."""
        self.happened.append(Happening(self.samples / detect.RATE_HZ, what, kind, fields))

    def event(self, what: str, **fields: Any) -> None:
        """The badge's log."""
        self.note(what, str(fields.get("kind", "")), fields)

    def _feel(self, signal: str) -> None:
        self.note("felt", signal)

    def _is_off(self) -> bool:
        return self.is_off

    def _is_on_reserve(self) -> bool:
        return False

    def _is_on_charger(self) -> bool | None:
        return self.is_on_charger

    def _pulses(self) -> int:
        return self.pulses

    def _decided(self, bits: int, peak_q: int) -> None:
        down = self.man_down
        since = down.samples_since_judged()
        if not bits & detect.EV_REJECTED:
            since = down.samples_since_fall()
            peak_q = down.state[detect.S_FALL_PEAK_Q]
        self.decisions.append(
            Decision(
                self.samples,
                bits & DECISIONS,
                self.samples - since,
                detector_params.milli_g_of(peak_q),
                np.array(down.state[:SNAPSHOT_WORDS], np.int32),
            )
        )


def _step_block(state: Any, samples: Any, n: int, params: Any) -> int:
    """The kernel compiled by numba, on the arrays of the firmware."""
    return engines.step_block("numba")(
        np.frombuffer(state, np.int32),
        np.frombuffer(samples, np.uint16),
        n,
        np.frombuffer(params, np.int32),
    )


class _Keeper:
    """Tells pre-alarms as they come and go, and answers alarms as a centre would."""

    def __init__(self, badge: Badge) -> None:
        self._badge = badge
        self.book = AlarmBook(1)

    def under_way(self) -> list[Any]:
        return self.book.alarms

    def condition(
        self, kind: int, now_ms: int, peak_mg: int | None = None, tilt_deg: int | None = None
    ) -> Any:
        try:
            alarm, _ = self.book.condition(kind, now_ms, None, peak_mg, tilt_deg)
        except life.Refused:
            return None
        is_at_once = alarm.is_red()
        self._badge.note("alarm" if is_at_once else "pre_alarm", kinds.of(kind).name)
        return alarm

    def clear(self, kind: int, now_ms: int) -> None:
        for alarm in self.book.in_state(life.PRE_ALARM):
            if alarm.kind == kind:
                self._badge.note("cleared", kinds.of(kind).name)
                self.book.handle(alarm, life.EV_CLEAR, now_ms)

    def cancel(self, now_ms: int) -> None:
        for alarm in self.book.in_state(life.PRE_ALARM):
            self._badge.note("cancelled", kinds.of(alarm.kind).name)
            self.book.handle(alarm, life.EV_CANCEL, now_ms)

    def look(self, now_ms: int) -> None:
        for alarm in list(self.book.alarms):
            if alarm.state == life.WITHDRAWN:
                self.book.handle(alarm, life.EV_RECEIPT, now_ms)
            elif alarm.state == life.PRE_ALARM:
                is_fall = alarm.kind == kinds.MAN_DOWN
                length_ms = detector_params.pre_alarm_ms(self._badge.config, is_fall)
                if alarm.age_ms(now_ms) >= length_ms:
                    self._badge.note("alarm", kinds.of(alarm.kind).name)
                    self.book.handle(alarm, life.EV_PRE_ALARM_OVER, now_ms)
            elif alarm.is_red():
                self.book.handle(alarm, life.EV_CLOSE, now_ms)
