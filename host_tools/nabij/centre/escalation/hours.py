"""Hours of the week, as people write them: `mon-fri 08:00-17:00, sat 09:00-12:00`.

They are local times of an IANA zone. What crosses midnight belongs to the day on which it begins.
"""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

from nabij.centre.people.zones import zone
from nabij.errors import UsageError

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_MIN: Final = 24 * 60
_SPAN: Final = re.compile(
    r"(?:(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))? )?"
    r"(?P<from_h>\d{2}):(?P<from_m>\d{2})-(?P<to_h>\d{2}):(?P<to_m>\d{2})"
)


@dataclass(frozen=True)
class Span:
    """On a day (0 is Monday) from a minute up to another; at or before the first: of the next."""

    day: int
    from_min: int
    to_min: int

    def holds(self, day: int, minute: int) -> bool:
        """Whether that minute of that day is in it."""
        if self.from_min < self.to_min:
            return day == self.day and self.from_min <= minute < self.to_min
        if day == self.day and minute >= self.from_min:
            return True
        return day == (self.day + 1) % len(DAYS) and minute < self.to_min


@dataclass(frozen=True)
class Hours:
    """Some hours of each week; `text` is how they were written."""

    text: str
    spans: tuple[Span, ...]

    def hold(self, local: dt.datetime) -> bool:
        """Whether that local time is among them."""
        minute = local.hour * 60 + local.minute
        return any(span.holds(local.weekday(), minute) for span in self.spans)


NEVER: Final = Hours("", ())


def parse(text: str) -> Hours:
    """The hours that are written there, none for no text; UsageError when it cannot be read."""
    if not text.strip():
        return NEVER
    spans: list[Span] = []
    for part in text.split(","):
        spans += _spans(" ".join(part.split()).lower(), text)
    return Hours(text, tuple(spans))


def local(at_ms: int, name: str) -> dt.datetime:
    """That time in the zone."""
    return dt.datetime.fromtimestamp(at_ms / 1000, zone(name))


def _spans(part: str, text: str) -> list[Span]:
    found = _SPAN.fullmatch(part)
    if found is None:
        raise _unreadable(text)
    from_min = int(found["from_h"]) * 60 + int(found["from_m"])
    to_min = int(found["to_h"]) * 60 + int(found["to_m"])
    minutes = (int(found["from_m"]), int(found["to_m"]))
    if from_min >= _DAY_MIN or to_min > _DAY_MIN or max(minutes) > 59 or from_min == to_min:
        raise _unreadable(text)
    return [Span(day, from_min, to_min) for day in _days(found["first"], found["last"], text)]


def _days(first: str | None, last: str | None, text: str) -> list[int]:
    if first is None:
        return list(range(len(DAYS)))
    if first not in DAYS or (last or first) not in DAYS:
        raise _unreadable(text)
    begin, end = DAYS.index(first), DAYS.index(last or first)
    return [(begin + step) % len(DAYS) for step in range((end - begin) % len(DAYS) + 1)]


def _unreadable(text: str) -> UsageError:
    return UsageError(
        f"'{text}' are no hours: write them as 'mon-fri 08:00-17:00, sat 09:00-12:00', or "
        "'22:00-07:00' for every day."
    )
