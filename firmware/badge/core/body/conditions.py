"""The automatic conditions of a body and its lanyard: when each is met and when it is over.

Pure: fed with the seconds that the detector's blocks make, it leaves what to log and to feel in
`said`. An alarm begins with a condition that is met; whether one is open already is the book's.
"""

from badge.core import ticks
from badge.core.alarm import kinds
from badge.core.alarm.kinds import FLIGHT, MAN_DOWN, REST, RIP, TILT
from badge.core.body.fall import Fall
from badge.core.body.flight import Flight
from badge.core.body.frame import BodyFrame
from badge.core.body.hold import Hold
from badge.core.body.suppress import (
    CHARGING,
    DRIVING,
    NOT_WORN,
    RESERVE,
    SHIFT,
    Speed,
    Suppression,
)
from badge.core.body.wearing import NAMES, UNSEEN, WORN, Wearing
from badge.core.detector import second
from badge.core.portable import const

LOG, FEEL, CLEAR = range(3)

_HYSTERESIS_DEG = const(10)
_WARN_AGAIN_MS = const(600_000)
_LONGEST_MS = const(600_000)
_UNSEEN_MS = const(600_000)
# With a cable for power a badge can be worn all the same: three stretches of walking show it.
_WORN_ON_CABLE = const(3)
# The motor leaves one second in three of a pre-alarm in which stillness can be seen.
_THROWN_STILL_S = const(5)
_STEP_MG = const(200)
# Of somebody who lies, a jerk or a gasp is no sign of getting up.
_FORGIVEN_ON_FLOOR_MS = const(4000)


class Conditions:
    """`second()` for each second of samples, `tick()` about once a second in any case."""

    def __init__(self, config, impact_q):
        self._config = config
        self.said = []
        self.frame = BodyFrame()
        self.wearing = Wearing(config.rest_mg, impact_q)
        self.suppression = Suppression(config.suppress_max_ms)
        self.speed = Speed(config.drive_kmh)
        self.tilt_deg = None
        self._now = second.Second()
        self._fall = Fall(config.clear_hold_ms, config.fall_clear_mg > 0)
        self._tilt = Hold(config.clear_hold_ms)
        self._rest = Hold(config.clear_hold_ms)
        self._rip = Hold(config.clear_hold_ms)
        self._flight = Flight()
        self._is_down = None
        self._is_up_and_moving = False
        self._second_ms = None
        self._tick_ms = None
        self._unseen_ms = 0
        self._torn = False
        self._attached_ms = 0
        self._warned_ms = None
        self._silenced = {}
        self._on_cable = False
        self._cable_from = 0
        self._worn_on_cable = False

    def second(self, state, now_ms, is_shaken):
        """Take the last second from the detector's `state`; `is_shaken`: the badge's motor ran."""
        elapsed_ms = _since(self._second_ms, now_ms, 1000)
        self._second_ms = now_ms
        now = self._now
        now.read(state)
        is_held = self._tilt.met or self._fall.met
        if self.frame.look(state, now, is_held):
            self._log("frame.learned", stretches=self.frame.stretches)
        self._look_at_posture(now)
        if self.wearing.second(now, self._is_down, is_shaken):
            self._warned_ms = None
            self._log("wearing", state=NAMES[WORN], moved_mg=now.moved_mg)
        is_moving = self._is_moving(now, is_shaken)
        self._is_up_and_moving = self._is_down is False and is_moving is True
        self._follow_fall(is_moving, elapsed_ms)
        self._follow_tilt(elapsed_ms)
        self._follow_rest(self._is_still(now, is_shaken), elapsed_ms)
        self._follow_flight(now)

    def tick(self, now_ms, is_off, is_on_reserve, is_on_charger):
        """Let time pass for what does not need the accelerometer.

        `is_off`: the shift is over; `is_on_reserve`: the battery is kept for SOS.
        """
        elapsed_ms = _since(self._tick_ms, now_ms, 0)
        self._tick_ms = now_ms
        self._set(SHIFT, is_off)
        if is_off:
            self.wearing.forget_blow()
        self._set(RESERVE, is_on_reserve)
        self._set(CHARGING, self._charges(is_on_charger))
        self._set(NOT_WORN, self.wearing.state not in (UNSEEN, WORN))
        self._set(DRIVING, self.speed.is_driving(now_ms))
        over = self.suppression.pass_time(elapsed_ms)
        if over is not None:
            self._log("mandown.suppression_over", reason=over)
        self._unseen_ms = min(self._unseen_ms + elapsed_ms, _UNSEEN_MS)
        self._follow_rip(elapsed_ms)
        self._warn(elapsed_ms)

    def shift(self, is_off):
        """Whether the shift is over, when somebody asks between two ticks."""
        self._set(SHIFT, is_off)

    def lanyard(self, is_attached):
        """The debounced contact of the lanyard."""
        self._torn = not is_attached

    def lacks_lanyard(self):
        """Whether it is off, where an alarm is wanted when the badge is torn off it."""
        return self._torn and self._config.rip_alarm

    def fell(self, before, in_hand, flew):
        """The detector judged a fall; see Fall.judged and before_impact.py."""
        self.wearing.impact_judged(in_hand, True)
        if self._is_silenced(MAN_DOWN):
            return
        is_well = self._is_up_and_moving and self.frame.known
        self._fall.judged(before, self.wearing.was_in_hand() and flew, is_well)
        if self._fall.is_unasked():
            self._log("mandown.unasked", kind=kinds.of(MAN_DOWN).name)

    def no_fall(self, in_hand):
        """The detector judged that an impact was no fall."""
        self.wearing.impact_judged(in_hand, False)

    def stayed_down(self):
        """The detector confirmed the fall."""
        self._fall.confirmed()

    def recovered(self):
        """The detector says that the wearer is up again; the clear-hold begins."""
        self._fall.recovered()

    def is_met(self, kind):
        """True while an alarm of this kind is called for."""
        return self._of(kind).met

    def called(self):
        """An alarm about its wearer is raised, who may lie still: that is no table."""
        self.wearing.hurt()

    def raised(self, kind):
        """The alarm of this kind, its pre-alarm over, is latched and a human's to close."""
        if kind == FLIGHT:
            self._flight.raised()
        elif kind != RIP:
            self._fall.over()
            self.wearing.hurt()

    def over(self, kind, was_cancelled):
        """The alarm of this kind is closed, or its wearer cancelled it: the delay starts again."""
        if kind == FLIGHT:
            # Closed while he runs on: that is the same flight.
            self._flight.raised()
            return
        if was_cancelled and kind == TILT:
            # The wearer is well in this posture: no more tilt before he has walked again.
            self.frame.doubt()
        if kind == RIP:
            self._rip.restart()
            self._attached_ms = 0
        if kind != RIP or was_cancelled:
            self._fall.over()
            self._tilt.restart()
            self._rest.restart()

    def reason(self):
        """Return why there is no man-down alarm now, a name in reasons.TABLE, or ""."""
        reason = self.suppression.any_reason()
        if reason or self.wearing.state == WORN:
            return reason
        # Also when that silences nothing any more, and of a badge that was never put on.
        is_unworn = self.wearing.state != UNSEEN or self._unseen_ms >= _UNSEEN_MS
        return NOT_WORN if is_unworn else ""

    def _of(self, kind):
        if kind == MAN_DOWN:
            return self._fall
        if kind == TILT:
            return self._tilt
        if kind == FLIGHT:
            return self._flight
        return self._rest if kind == REST else self._rip

    def _is_still(self, now, is_shaken):
        if now.turned_mg >= 2 * self._config.rest_mg:
            return False
        # The motor shakes the badge, but does not turn it.
        return None if is_shaken else now.moved_mg < self._config.rest_mg

    def _is_moving(self, now, is_shaken):
        if now.moved_mg < self._config.fall_clear_mg:
            return False
        # What the motor adds is less than a step.
        return None if is_shaken and now.moved_mg < _STEP_MG else True

    def _look_at_posture(self, now):
        self.tilt_deg = None
        if not now.is_posture():
            return
        deg = self.tilt_deg = self.frame.tilt_deg(now)
        if deg is None and self._fall.met:
            deg = self._fall.turned_deg(now)
        if deg is None:
            self._is_down = None
        elif deg > self._config.tilt_deg:
            self._is_down = True
        elif deg < self._config.tilt_deg - _HYSTERESIS_DEG:
            self._is_down = False

    def _follow_fall(self, is_moving, elapsed_ms):
        fall = self._fall
        why = fall.cleared(self._is_down, is_moving, elapsed_ms)
        if why:
            self._clear(MAN_DOWN, why)
        elif self._was_thrown():
            fall.over()
            self._clear(MAN_DOWN, "thrown")
            self._not_worn()

    def _was_thrown(self):
        fall = self._fall
        # Off a lanyard that is torn a badge flies too.
        return (
            fall.met
            and fall.may_be_thrown
            and not self._torn
            and self.wearing.lies_as_on_table(_THROWN_STILL_S)
        )

    def _follow_tilt(self, elapsed_ms):
        tilt = self._tilt
        if self.wearing.state != WORN or (self.wearing.lies_as_on_table() and not tilt.met):
            tilt.restart()
            return
        cause = self._is_down if self.frame.known else None
        if not self._config.tilt_alarm or (not self.frame.known and not tilt.met):
            return
        forgiven_ms = self._config.clear_hold_ms
        if tilt.step(cause, elapsed_ms, self._config.tilt_hold_ms, forgiven_ms):
            self._met(TILT, tilt)
        elif tilt.cleared():
            self._clear(TILT, "upright")

    def _follow_rest(self, is_still, elapsed_ms):
        rest = self._rest
        if not self._config.rest_alarm or self.wearing.state != WORN:
            rest.restart()
            return
        hold_ms = self._config.rest_hold_ms
        forgiven_ms = 0
        if self._is_down is False and self.frame.known:
            hold_ms = self._config.rest_upright_hold_ms
        elif self._is_down:
            forgiven_ms = _FORGIVEN_ON_FLOOR_MS
        if rest.met and self._is_down:
            # Jerks of somebody who lies there do not end it: a seizure moves too.
            is_still = True
        if rest.step(is_still, elapsed_ms, hold_ms, forgiven_ms):
            if self.wearing.lies_as_on_table():
                rest.restart()
                self._not_worn()
            else:
                self._met(REST, rest)
        elif rest.cleared():
            self._clear(REST, "moved")

    def _follow_rip(self, elapsed_ms):
        if not self._config.rip_alarm:
            return
        rip = self._rip
        if not self._torn:
            self._attached_ms = min(self._attached_ms + elapsed_ms, _LONGEST_MS)
        # Only a lanyard that was on can be torn off: not a contact that was never closed.
        if self._attached_ms < self._config.clear_hold_ms:
            return
        if rip.step(self._torn, elapsed_ms, self._config.rip_hold_ms):
            self._met(RIP, rip)
        elif rip.cleared():
            self._clear(RIP, "attached")

    def _follow_flight(self, now):
        if not self._config.flight_alarm:
            return
        flight = self._flight
        if not flight.second(now.effort_mg, self._config.flight_mg, self._config.flight_hold_ms):
            return
        if self._is_silenced(FLIGHT):
            flight.restart()
        else:
            effort_mg = now.effort_mg
            kind = kinds.of(FLIGHT).name
            self._log("flight.met", kind=kind, run_ms=flight.run_ms(), effort_mg=effort_mg)

    def _met(self, kind, hold):
        if self._is_silenced(kind):
            hold.restart()
            if kind == RIP:
                self._attached_ms = 0
            return
        deg = -1 if self.tilt_deg is None else self.tilt_deg
        self._log("mandown.met", kind=kinds.of(kind).name, held_ms=hold.held_ms, tilt_deg=deg)

    def _is_silenced(self, kind):
        reason = self.suppression.reason(kind)
        # A night on the charger must not fill the journal of events.
        if reason and self._silenced.get(kind) != reason:
            self._silenced[kind] = reason
            self._log("mandown.suppressed", kind=kinds.of(kind).name, reason=reason)
        return bool(reason)

    def _clear(self, kind, why):
        self._log("mandown.cleared", kind=kinds.of(kind).name, why=why)
        self.said.append((CLEAR, kind, None))

    def _not_worn(self):
        self.wearing.put_down()
        self.frame.expect_another()
        self._log("wearing", state=NAMES[self.wearing.state], why="put_down")
        self._warned_ms = _WARN_AGAIN_MS

    def _warn(self, elapsed_ms):
        """Tell the wearer that the badge lies there unworn, and again as long as it does."""
        if self._warned_ms is None:
            return
        self._warned_ms += elapsed_ms
        if self._warned_ms >= _WARN_AGAIN_MS and self.reason() in ("", NOT_WORN):
            self._warned_ms = 0
            self.said.append((FEEL, "NOT_WORN", None))

    def _charges(self, is_on_charger):
        if not is_on_charger:
            self._on_cable = self._worn_on_cable = False
            return False
        if not self._on_cable:
            self._on_cable = True
            self._cable_from = self.frame.stretches
        if (self.frame.stretches - self._cable_from) & 255 >= _WORN_ON_CABLE:
            self._worn_on_cable = True
        return not self._worn_on_cable

    def _set(self, reason, holds):
        if self.suppression.set(reason, holds):
            self._silenced.clear()
            self._log("mandown.silenced" if holds else "mandown.heard", reason=reason)

    def _log(self, what, **fields):
        self.said.append((LOG, what, fields))


def _since(then_ms, now_ms, first_ms):
    if then_ms is None:
        return first_ms
    return max(0, min(ticks.diff(now_ms, then_ms), _LONGEST_MS))
