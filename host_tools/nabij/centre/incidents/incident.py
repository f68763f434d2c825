"""What the receiver knows of an alarm, and how a person or a script reads it."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

from badge.core.codec import wire
from nabij import reason_words
from nabij.centre.incidents.words import (
    QUIET,
    alarm_words,
    clock_words,
    duration,
    kind_name,
    local_time,
    who,
)

# Of what the receiver finds out for itself; badges count from 1.
OWN_BOOT: Final = 0
_STATES: Final = {
    wire.STATUS_RECEIVED: "received",
    wire.STATUS_TAKEN: "taken",
    wire.STATUS_HELP_COMING: "help_coming",
    wire.STATUS_CLOSED: "closed",
}
# Before this a badge's clock was never set.
EARLIEST_UTC_S: Final = 1_735_689_600


@dataclass(frozen=True)
class Incident:
    """One alarm of one badge. Times are ms since 1970 UTC; `age_ms` is as of `received_ms`,
    when it was taken in.

    `by_deadline`: opened by the receiver when a deadline came due (`due_ms`), the badge having
    been heard last at `heard_ms`; `age_ms` then counts from when the deadline was set. `duress`:
    the wearer was forced to cancel. `false_alarm`: the wearer asks to close it. `ended`: the
    wearer ended the deadline, too late. `until_ms`: the end of the shift, of a test that says so
    and of a badge that went quiet (kind QUIET): on shift since `shift_ms`, last known to be
    connected at `heard_ms`, heard again at `back_ms`, each `keepalive_s` of which it promised a
    sign (None where it did not say). `reason`: of a fault of the badge, a number
    of badge.core.wearer.reasons. `clock_off_s`: by how much the badge's clock was ahead (behind:
    below 0), None where it agreed.
    """

    id: int
    badge: str
    wearer: str
    boot: int
    seq: int
    kind: int
    state: int
    test: bool
    raised_ms: int
    received_ms: int
    age_ms: int
    age_at_least: bool
    attempt: int
    peak_mg: int | None
    tilt_deg: int | None
    by_deadline: bool = False
    due_ms: int | None = None
    heard_ms: int | None = None
    duress: bool = False
    false_alarm: bool = False
    ended: bool = False
    battery_percent: int | None = None
    shift_ms: int | None = None
    until_ms: int | None = None
    back_ms: int | None = None
    reason: int | None = None
    clock_off_s: int | None = None
    # The IANA zone of where its wearer works; empty where none is known.
    zone: str = ""
    keepalive_s: int | None = None

    @property
    def kind_name(self) -> str:
        return kind_name(self.kind)

    def sentence(self, shown_ms: int | None = None) -> str:
        """One line for a person: who, what, when, how old, how many attempts.

        How long ago is reckoned as of `shown_ms`, which is now; None for when it was received.
        """
        now_ms = self.received_ms if shown_ms is None else max(shown_ms, self.received_ms)
        when = self._when(now_ms - self.received_ms)
        return f"{self._what()}  {who(self.wearer, self.badge)}  {when}  [incident {self.id}]"

    def _what(self) -> str:
        words = alarm_words(self.kind)
        if self.duress:
            # Whatever was cancelled: this is a person under threat.
            words = f"DURESS ({self.kind_name.replace('_', ' ')})"
        # What the receiver opened is no test of a badge.
        flag = "DRILL" if self.boot == OWN_BOOT else "TEST"
        return f"{flag} {words}" if self.test else words

    def _when(self, since_ms: int) -> str:
        if self.kind == QUIET:
            return self._silence(self.received_ms + since_ms)
        if self.boot == OWN_BOOT:
            return f"since {local_time(self.raised_ms, self.zone)}"
        if self.by_deadline:
            heard_ms = self.received_ms - (self.heard_ms or self.received_ms) + since_ms
            set_ms = self.age_ms + since_ms
            return (
                f"due at {local_time(self.raised_ms, self.zone)}, set {duration(set_ms)} ago, "
                f"badge last heard {duration(heard_ms)} ago"
            )
        is_its_clocks = self.age_at_least and self.raised_ms < self.received_ms - self.age_ms
        by_whom = " by its own clock" if is_its_clocks else ""
        parts = [
            f"at {local_time(self.raised_ms, self.zone)}{by_whom}",
            f"{'at least ' if self.age_at_least else ''}{duration(self.age_ms + since_ms)} ago",
            f"attempt {self.attempt}",
        ]
        if self.peak_mg is not None:
            parts.append(f"peak {self.peak_mg / 1000:.1f} g")
        if self.tilt_deg is not None:
            parts.append(f"tilt {self.tilt_deg} deg")
        if self.battery_percent is not None:
            parts.append(f"battery {self.battery_percent} %")
        if self.reason is not None:
            parts.append(reason_words.of_number(self.reason).rstrip("."))
        if self.clock_off_s is not None:
            parts.append(f"its clock is {clock_words(self.clock_off_s)}")
        if self.false_alarm:
            parts.append("the wearer says it is a false alarm")
        if self.until_ms is not None:
            is_on = self.until_ms > self.received_ms
            parts.append(
                f"on shift until {local_time(self.until_ms, self.zone)}" if is_on else "off shift"
            )
        return ", ".join(parts)

    def _silence(self, now_ms: int) -> str:
        parts = []
        if self.heard_ms is not None:
            parts.append(f"not connected since {local_time(self.heard_ms, self.zone)}")
            if self.keepalive_s is not None:
                quiet_ms = max(0, (self.back_ms or now_ms) - self.heard_ms)
                parts.append(
                    f"nothing heard for {duration(quiet_ms)} where it promises a sign each "
                    f"{duration(self.keepalive_s * 1000)}"
                )
        parts += [
            f"{words} {local_time(at_ms, self.zone)}"
            for words, at_ms in (
                ("on shift since", self.shift_ms),
                ("until", self.until_ms),
                ("heard again at", self.back_ms),
            )
            if at_ms is not None
        ]
        return ", ".join(parts)

    def to_json(self) -> str:
        """One JSON object on one line, with the names of kind and state beside the numbers."""
        return json.dumps({"event": "incident", **self.fields()})

    def fields(self) -> dict[str, Any]:
        """Everything about it, with the names of kind and state beside the numbers."""
        names = {"kind_name": self.kind_name, "state_name": state_name(self.state)}
        return {**asdict(self), **names}


def raised_ms(message: wire.AlarmMessage, arrived_ms: int) -> int:
    """When the alarm was raised: its arrival less its age, whatever the badge's clock says.

    Of an age that is a lower bound, by the badge's clock, when that can be right.
    """
    age_ms: int = message.age_ms
    at_ms = arrived_ms - age_ms
    utc_s: int | None = message.utc_s
    if utc_s is None or not message.flags & wire.FLAG_AGE_AT_LEAST:
        return at_ms
    return utc_s * 1000 if EARLIEST_UTC_S <= utc_s <= at_ms // 1000 else at_ms


def state_name(state: int) -> str:
    """The name of a state in JSON."""
    return _STATES.get(state, "unknown")
