"""How the receiver is, in one record: for people, for monitoring, for scripts."""

from dataclasses import asdict, dataclass, field
from typing import Any, Final

from nabij.centre.incidents.words import local_time

# Exit codes of `nabij status`, as monitoring takes them.
WELL, WARNING, CRITICAL = 0, 1, 2
# From so many messages that wait on, somebody should look.
MUCH_BACKLOG: Final = 1_000
_WORDS: Final = {WELL: "well", WARNING: "warning", CRITICAL: "critical"}


@dataclass(frozen=True)
class Status:
    """What is known just now; None for what cannot be told. `probe` says how far probes come."""

    arrives: bool
    probe: str
    probe_age_s: float
    connected: int | None
    on_shift: int | None
    quiet: int | None
    open_incidents: int | None
    backlog: int | None
    disk_free_bytes: int
    disk_total_bytes: int
    # What the disk has to say, as a sentence; empty when that is nothing.
    disk: str
    # Sentences about what else is the matter.
    troubles: tuple[str, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    # How it stands with where people are outside alarms; empty when that is not kept.
    location: str = ""
    # When the last alarm came by SMS (ms since 1970 UTC); None for never.
    sms_ms: int | None = None

    @property
    def level(self) -> int:
        """WELL, WARNING or CRITICAL."""
        if not self.arrives:
            return CRITICAL
        counts = (self.connected, self.on_shift, self.open_incidents, self.backlog)
        is_odd = None in counts or self.disk or self.troubles
        return WARNING if is_odd or (self.backlog or 0) > MUCH_BACKLOG else WELL

    def fields(self) -> dict[str, Any]:
        """Everything, with the level and its name, for JSON."""
        return {"level": self.level, "level_name": _WORDS[self.level], **asdict(self)}

    def lines(self) -> list[str]:
        """For a person."""
        last = f"the last probe came back {self.probe_age_s:.0f} s ago"
        if not self.arrives:
            last = f"no probe has come back for {self.probe_age_s:.0f} s ({self.probe})"
        badges = (
            f"Badges: {_count(self.connected)} connected, {_count(self.on_shift)} on shift, "
            f"{_count(self.quiet)} quiet."
        )
        incidents = f"Incidents open: {_count(self.open_incidents)}."
        return [
            f"{'Alarms arrive' if self.arrives else 'NO ALARM CAN ARRIVE'}: {last}.",
            badges,
            f"{incidents} Messages waiting: {_count(self.backlog)}.",
            f"Disk: {_size(self.disk_free_bytes)} left of {_size(self.disk_total_bytes)}.",
            *([] if self.sms_ms is None else [f"Last alarm by SMS: {local_time(self.sms_ms)}."]),
            *([self.disk] if self.disk else []),
            *([self.location] if self.location else []),
            *self.troubles,
            "Versions: " + ", ".join(f"{name} {one}" for name, one in self.versions.items()) + ".",
        ]


def from_fields(fields: dict[str, Any]) -> Status:
    """The record of `fields()`."""
    own = {name: fields[name] for name in Status.__dataclass_fields__}
    return Status(**{**own, "troubles": tuple(own["troubles"])})


def _count(number: int | None) -> str:
    return "?" if number is None else f"{number:,}"


def _size(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
