"""How often the flight alarm fires in recordings, and how soon: `measure.daily_life --flight`.

Each recording is worn alone, by a badge whose wearer was seen before; nobody answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from nabij.data import bundles
from nabij.data.bundles import Bundle
from nabij.detector import sampling
from nabij.detector.worn import Badge

# Running is in it; and it begins with the recording.
_RUNS: Final = re.compile(r"\b(jog|running)", re.IGNORECASE)
_RUNS_LATER: Final = re.compile(r"^(start|stop)\b", re.IGNORECASE)


@dataclass
class Flights:
    """What the flight alarm did in the recordings of one activity."""

    recordings: int = 0
    hours: float = 0.0
    alarms: int = 0
    first_s: list[float] = field(default_factory=list)

    def add(self, alarms_s: list[float], duration_s: float) -> None:
        """Take in one recording and when there was an alarm in it."""
        self.recordings += 1
        self.hours += duration_s / 3600
        self.alarms += len(alarms_s)
        self.first_s += alarms_s[:1]

    def join(self, other: Flights) -> None:
        """Take in what another has counted."""
        self.recordings += other.recordings
        self.hours += other.hours
        self.alarms += other.alarms
        self.first_s += other.first_s


def is_running(activity: str) -> bool:
    """True for an activity that has running in it."""
    return bool(_RUNS.search(activity))


def runs_throughout(activity: str) -> bool:
    """True when running begins with the recording, so that a delay can be told."""
    return is_running(activity) and not _RUNS_LATER.search(activity)


def in_recordings(bundle: Bundle, config: Any) -> dict[tuple[str, str], Flights]:
    """Return by (placement, activity) what fired in the recordings without a fall."""
    found: dict[tuple[str, str], Flights] = {}
    for trial in bundle.rows:
        if trial.is_fall:
            continue
        badge = Badge(config).wear(sampling.measured(bundles.samples_104(trial)))
        seen = found.setdefault((trial.placement, trial.activity), Flights())
        seen.add(badge.of("alarm", "flight"), trial.duration_s)
    return found


def show(found: dict[tuple[str, str], Flights]) -> None:
    """Print a line for each activity that fired, and two sums of each placement."""
    for placement in dict.fromkeys(placement for placement, _ in found):
        rows = {name: seen for (where, name), seen in found.items() if where == placement}
        print(f"  {placement:<44} {'hours':>6} recordings  fired  alarms/h  first alarm, s")
        for name, seen in rows.items():
            if seen.alarms:
                _show(name, seen, has_delay=runs_throughout(name))
        runs, others = Flights(), Flights()
        for name, seen in rows.items():
            if runs_throughout(name):
                runs.join(seen)
            elif not is_running(name):
                others.join(seen)
        _show("all that runs from its beginning", runs, has_delay=True)
        _show("all without running", others, has_delay=False)


def _show(name: str, seen: Flights, *, has_delay: bool) -> None:
    per_hour = seen.alarms / seen.hours if seen.hours else 0.0
    line = f"  {name[:44]:<44} {seen.hours:6.2f} {seen.recordings:10} {len(seen.first_s):6}"
    line += f" {per_hour:9.1f}"
    if has_delay and seen.first_s:
        middle, most = np.median(seen.first_s), max(seen.first_s)
        soon = sum(first_s <= 10 for first_s in seen.first_s)
        line += f"  median {middle:.1f}, longest {most:.1f}, within 10 s {soon}"
    print(line)
