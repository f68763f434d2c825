"""The badge's console: one event a line, `# <ticks_ms> <what> key=value ...`."""

import re
from dataclasses import dataclass

_LINE = re.compile(r"# (\d+) ([a-z_.]+)((?: [a-z_]+=(?:'[^']*'|\"[^\"]*\"|\S+))*)")
_FIELD = re.compile(r" ([a-z_]+)=('[^']*'|\"[^\"]*\"|\S+)")


@dataclass(frozen=True)
class Event:
    """One event of the badge's log; `ticks_ms` is the badge's own clock since it was powered."""

    ticks_ms: int
    what: str
    fields: dict[str, str]

    @property
    def alarm(self) -> tuple[int, int] | None:
        """The key (boot, sequence) of the alarm that the event is about, or None."""
        if "boot" in self.fields and "seq" in self.fields:
            return int(self.fields["boot"]), int(self.fields["seq"])
        return None


def parse_event(text: str) -> Event | None:
    """The event in a console line, or None for any other line (a traceback, a print)."""
    found = _LINE.fullmatch(text)
    if found is None:
        return None
    fields = {name: value.strip("'\"") for name, value in _FIELD.findall(found[3])}
    return Event(int(found[1]), found[2], fields)
