"""What the law says of the hours of who is 16 or 17, alone or not. Pure.

By arboportaal.nl, a secondary source: read the text in force. It is told, and refuses nothing.
"""

import datetime as dt
import itertools
from collections.abc import Iterable, Sequence
from typing import Final

from nabij.centre.workforce.rules import ADULT_YEARS, Planned, age_on

RULE: Final = "Arbeidstijdenwet, 16 and 17 years"
_SHIFT: Final = dt.timedelta(hours=9)
_REST: Final = dt.timedelta(hours=12)
_WEEK_H: Final = 45
_MEAN_H: Final = 40
_MEAN_WEEKS: Final = 4
_NIGHT: Final = (dt.time(23), dt.time(6))
_DAY: Final = dt.timedelta(days=1)


def said(shifts: Iterable[Planned], born: dt.date | None) -> list[tuple[Planned, str]]:
    """Of the shifts of one worker: each sentence, with the shift that it is about."""
    if born is None:
        return []
    mine = sorted(shifts, key=lambda one: one.begins)
    young = [one for one in mine if age_on(born, one.begins.date()) < ADULT_YEARS]
    found = []
    for one in young:
        if one.ends - one.begins > _SHIFT:
            found.append((one, f"{one.worker} works more than 9 h"))
        if _is_at_night(one):
            found.append((one, f"{one.worker} works between 23:00 and 06:00"))
    found += [
        (late, f"{late.worker} rests less than 12 h before {late.begins:%Y-%m-%d %H:%M}")
        for early, late in itertools.pairwise(mine)
        if late in young and late.begins - early.ends < _REST
    ]
    found += _weeks(young)
    return [(one, f"{words} ({RULE})") for one, words in found]


def _weeks(young: Sequence[Planned]) -> list[tuple[Planned, str]]:
    hours: dict[dt.date, float] = {}
    first: dict[dt.date, Planned] = {}
    for one in young:
        monday = one.begins.date() - one.begins.weekday() * _DAY
        hours[monday] = hours.get(monday, 0) + (one.ends - one.begins) / dt.timedelta(hours=1)
        first.setdefault(monday, one)
    found = [
        (first[monday], f"{first[monday].worker} works {worked:g} h in the week of {monday}")
        for monday, worked in hours.items()
        if worked > _WEEK_H
    ]
    for monday in hours:
        weeks = [monday + 7 * week * _DAY for week in range(_MEAN_WEEKS)]
        mean_h = sum(hours.get(one, 0) for one in weeks) / _MEAN_WEEKS
        if mean_h > _MEAN_H:
            one = first[monday]
            found.append(
                (one, f"{one.worker} works {mean_h:g} h a week from {monday} for 4 weeks")
            )
    return found


def _is_at_night(one: Planned) -> bool:
    day = one.begins.date() - _DAY
    while day <= one.ends.date():
        begins, ends = (
            dt.datetime.combine(day, _NIGHT[0]),
            dt.datetime.combine(day + _DAY, _NIGHT[1]),
        )
        if one.begins < ends and begins < one.ends:
            return True
        day += _DAY
    return False
