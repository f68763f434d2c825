"""Between man-down and the alarms: asks for them, takes them back, and says why."""

from collections import namedtuple

from badge.core import ticks
from badge.core.alarm import kinds, life
from badge.core.body.conditions import CLEAR, FEEL, LOG
from badge.core.body.suppress import CHARGING
from badge.core.body.wearing import WORN
from badge.core.detector import detect
from badge.core.portable import const

_TICK_MS = const(1000)
# What the book refused it is asked again: the alarm that stood in the way may be over.
_ASK_AGAIN_MS = const(30_000)
# Stretches of walking, of 4 s each, after which the wearer is on his feet again.
_ON_FEET = const(3)

_EVENT_NAMES = (
    (detect.EV_IMPACT, "impact"),
    (detect.EV_REJECTED, "rejected"),
    (detect.EV_FALL, "fall"),
    (detect.EV_CONFIRMED, "confirmed"),
    (detect.EV_RECOVERED, "recovered"),
)
_ABOUT_A_FALL = detect.EV_FALL | detect.EV_CONFIRMED | detect.EV_RECOVERED

# What silences man-down, asked of others: the shift is over, the battery is kept for an SOS, the
# badge is on a charger (None when nobody knows).
Silencing = namedtuple("Silencing", ("is_off", "is_on_reserve", "is_on_charger"))


class BodyWatch:
    """`pulses()` counts those of the motor, which shakes the badge; `silencing` is a Silencing."""

    def __init__(self, man_down, keeper, feel, pulses, silencing, log):
        self._man_down = man_down
        self._conditions = man_down.conditions
        self._keeper = keeper
        self._feel = feel
        self._pulses = pulses
        self._log = log
        self._alarms = {}
        self._asked_ms = {}
        self._walked = {}
        self._pulses_before = 0
        self._ticked_ms = None
        self._silencing = silencing

    def reason(self):
        """Why there is no man-down alarm now, a name in reasons.TABLE, or ""."""
        # A shift that began since the last tick must not be called limited for its absence.
        self._conditions.shift(self._silencing.is_off())
        return self._conditions.reason()

    def is_worn(self):
        """True while somebody wears the badge, as far as is known, and is on shift."""
        return self._conditions.wearing.state == WORN and not self._silencing.is_off()

    def lanyard_reason(self):
        """The reason that a lanyard which is off is to protection, or ""."""
        return "lanyard" if self._conditions.lacks_lanyard() else ""

    def rests_on_charger(self):
        """True on a charger, unless its cable is known to be that of a battery pack being worn."""
        return self._conditions.suppression.holds(CHARGING)

    def lanyard(self, is_attached, now_ms):
        """The debounced contact of the lanyard has changed."""
        self._log.event("lanyard", attached=is_attached)
        self._conditions.lanyard(is_attached)
        self.tick(now_ms)

    def opened(self, alarm):
        """Hear of an alarm that has just been opened, or taken up again after a reset."""
        if alarm.is_red() and (alarm.kind == kinds.SOS or alarm.kind in kinds.OF_ONE_BODY):
            self._conditions.called()

    def speed(self, kmh, now_ms):
        """A position fix has measured a speed; returns whether one more would tell of driving."""
        return self._conditions.speed.measured(kmh, now_ms)

    def block(self, bits, sample, now_ms):
        """The detector took a block that ended with sample number `sample`."""
        if bits:
            self._log_motion(bits, sample)
        if self._man_down.has_second():
            pulses = self._pulses()
            self._conditions.second(self._man_down.state, now_ms, pulses != self._pulses_before)
            self._pulses_before = pulses
            self._settle(now_ms)
        elif bits:
            self._settle(now_ms)

    def tick(self, now_ms):
        """To be called at least once a second, with or without an accelerometer."""
        if self._ticked_ms is not None and 0 <= ticks.diff(now_ms, self._ticked_ms) < _TICK_MS:
            return
        self._ticked_ms = now_ms
        silencing = self._silencing
        on_charger = silencing.is_on_charger() is True
        self._conditions.tick(now_ms, silencing.is_off(), silencing.is_on_reserve(), on_charger)
        self._settle(now_ms)

    def _settle(self, now_ms):
        self._follow_alarms()
        said = self._conditions.said
        while said:
            what, name, fields = said.pop(0)
            if what == LOG:
                self._log.event(name, **fields)
            elif what == FEEL:
                # While an alarm is open the wearer feels that alarm and nothing else.
                if not self._keeper.under_way():
                    self._feel(name)
            elif what == CLEAR:
                alarm = self._alarms.get(name)
                if alarm is not None and alarm.state == life.PRE_ALARM:
                    self._forget(name)
                    self._keeper.clear(name, now_ms)
        for kind in kinds.AUTOMATIC:
            if self._conditions.is_met(kind):
                self._ask(kind, now_ms)

    def _ask(self, kind, now_ms):
        if kind in self._alarms or self._is_same_body(kind):
            return
        asked_ms = self._asked_ms.get(kind)
        if asked_ms is not None and 0 <= ticks.diff(now_ms, asked_ms) < _ASK_AGAIN_MS:
            return
        self._asked_ms[kind] = now_ms
        peak_mg = tilt_deg = None
        if kind == kinds.MAN_DOWN:
            peak_mg, tilt_deg = self._man_down.peak_mg, self._man_down.tilt_deg
        elif kind == kinds.TILT:
            tilt_deg = self._conditions.tilt_deg
        alarm = self._keeper.condition(kind, now_ms, peak_mg, tilt_deg)
        if alarm is not None:
            self._alarms[kind] = alarm

    def _is_same_body(self, kind):
        # Who fell, lies there and does not move is one case for the centre.
        return kind in kinds.OF_ONE_BODY and any(
            other in self._alarms for other in kinds.OF_ONE_BODY
        )

    def _follow_alarms(self):
        for kind in kinds.AUTOMATIC:
            alarm = self._alarms.get(kind)
            if alarm is None or alarm.state == life.PRE_ALARM:
                continue
            stretches = self._conditions.frame.stretches
            if not alarm.is_red():
                # One that never was raised did not end by itself, or it would be forgotten.
                was_cancelled = kind not in self._walked
                self._forget(kind)
                self._conditions.over(kind, was_cancelled)
            elif kind not in self._walked:
                self._walked[kind] = stretches
                self._conditions.raised(kind)
            elif (stretches - self._walked[kind]) & 255 >= _ON_FEET and not self._is_torn(kind):
                # The alarm is the centre's to close; what happens from here on is another case.
                self._forget(kind)

    def _is_torn(self, kind):
        # Whoever walks away with a torn-off badge is the same case, until its lanyard is on again.
        return kind == kinds.RIP and self._conditions.is_met(kind)

    def _forget(self, kind):
        self._alarms.pop(kind, None)
        self._walked.pop(kind, None)
        self._asked_ms.clear()

    def _log_motion(self, bits, sample):
        for bit, name in _EVENT_NAMES:
            if not bits & bit:
                continue
            if bit & _ABOUT_A_FALL:
                since = self._man_down.samples_since_fall()
            elif bit == detect.EV_REJECTED:
                since = self._man_down.samples_since_judged()
            else:
                since = self._man_down.samples_since_impact()
            since_ms = since * 1000 // detect.RATE_HZ
            if bit == detect.EV_REJECTED:
                # The alarm that was not raised, and what spoke against it.
                self._log.event(
                    "motion." + name,
                    sample=sample,
                    since_impact_ms=since_ms,
                    tilt_deg=self._man_down.posture_change_deg(),
                    points=self._man_down.points(),
                )
            else:
                self._log.event("motion." + name, sample=sample, since_impact_ms=since_ms)
