"""What the receiver knows of an alarm, and how a person or a script reads it."""

import datetime as dt
import json
from dataclasses import asdict, dataclass
from typing import Final

from badge.core import wire

# As badge.core.alarm numbers them; a kind this release does not know is still an alarm.
_KINDS: Final = {1: "sos", 2: "man_down"}
_KIND_WORDS: Final = {"sos": "SOS", "man_down": "MAN DOWN"}
_STATES: Final = {
    wire.STATUS_RECEIVED: "received",
    wire.STATUS_TAKEN: "taken",
    wire.STATUS_HELP_COMING: "help_coming",
    wire.STATUS_CLOSED: "closed",
}
# Before this a badge's clock was never set; after now plus this it is wrong.
_EARLIEST_UTC_S: Final = 1_735_689_600
_CLOCK_SLACK_S: Final = 300


@dataclass(frozen=True)
class Incident:
    """One alarm of one badge. Times are ms since 1970 UTC; `age_ms` is as of the first arrival."""

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

    @property
    def kind_name(self) -> str:
        return _KINDS.get(self.kind, f"kind_{self.kind}")

    def sentence(self) -> str:
        """One line for a person: who, what, when, how old, how many attempts."""
        who = f"{self.wearer} (badge {self.badge})" if self.wearer else f"badge {self.badge}"
        what = _KIND_WORDS.get(self.kind_name, f"ALARM of kind {self.kind}")
        when = dt.datetime.fromtimestamp(self.raised_ms / 1000).astimezone()
        evidence = "".join(
            [
                f", peak {self.peak_mg / 1000:.1f} g" if self.peak_mg is not None else "",
                f", tilt {self.tilt_deg} deg" if self.tilt_deg is not None else "",
            ]
        )
        # %z and not %Z: initials of a zone say little to a reader elsewhere.
        return (
            f"{'TEST ' if self.test else ''}{what}  {who}  at {when:%Y-%m-%d %H:%M:%S %z}, "
            f"{'at least ' if self.age_at_least else ''}{_duration(self.age_ms)} ago, "
            f"attempt {self.attempt}{evidence}  [incident {self.id}]"
        )

    def to_json(self) -> str:
        """One JSON object on one line, with the names of kind and state beside the numbers."""
        names = {"kind_name": self.kind_name, "state_name": _STATES.get(self.state, "unknown")}
        return json.dumps({"event": "incident", **asdict(self), **names})


def raised_ms(message: wire.AlarmMessage, now_ms: int) -> int:
    """When the alarm was raised: by the badge's clock when it can be right, else by its age."""
    utc_s: int | None = message.utc_s
    if utc_s is not None and _EARLIEST_UTC_S <= utc_s <= now_ms // 1000 + _CLOCK_SLACK_S:
        return utc_s * 1000
    age_ms: int = message.age_ms
    return now_ms - age_ms


def _duration(ms: int) -> str:
    seconds = ms / 1000
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"
