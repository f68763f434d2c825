"""Lines that name each number, as x:1.0 y:2.0 z:3.0: Arduino's plotter, sketches, JSON lines."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_NUMBER: Final = r"[+-]?(?:\d+(?:[.,]\d+)?|[.,]\d+)(?:[eE][+-]?\d+)?"
_LABEL: Final = r"[^\W\d][\w .()/^\u00b0\u00b2-]{0,30}?"
_IS: Final = r'"?[ \t]*[:=][ \t]*'
_UNIT: Final = r"(?:[ \t]*(?:m/s\^?2|m/s\u00b2|mg|g)(?![\w/]))?"
_BETWEEN: Final = r'[ \t,;|"]*'
_EDGE: Final = r"[ \t,;|{}\[\]]*"
# Arduino's monitor puts the time of the PC before each line.
_ARROW: Final = r"(?P<when>\d\d?:\d\d:\d\d[.,]\d{1,6})[ \t]+->[ \t]*"
_PAIR: Final = re.compile(f'"?(?P<label>{_LABEL}){_IS}{_NUMBER}{_UNIT}{_BETWEEN}')
_WHEN: Final = re.compile(_ARROW)
_LEAST: Final = 3
_LINES: Final = 200
# So many of the first lines are alike; others are what a sketch says of itself.
_RULE: Final = 0.5


@dataclass(frozen=True)
class Labelled:
    """The names of the numbers, and the form in which a line has them all in this order.

    `how` says in words where the numbers stand.
    """

    names: tuple[str, ...]
    form: re.Pattern[str]
    separator: str = ";"
    how: str = "a name before each number"

    def plain(self, block: str) -> str:
        """The numbers with separators between them; what has another form stays as it is."""
        return self.form.sub(lambda found: self.separator.join(found.groups()), block)


def labelled(head: str) -> Labelled | None:
    """How the lines of a text name their numbers; None where they do not."""
    lines = [line for line in head.split("\n")[:_LINES] if line.strip()]
    found = Counter(filter(None, map(_names, lines)))
    if not found:
        return None
    (names, count) = found.most_common(1)[0]
    if count < _RULE * len(lines):
        return None
    timed, *labels = names
    pairs = _BETWEEN.join(
        f'"?{re.escape(label)}{_IS}(?P<n{at}>{_NUMBER}){_UNIT}' for at, label in enumerate(labels)
    )
    form = re.compile(f"^{_ARROW if timed else ''}{_EDGE}{pairs}{_EDGE}$", re.MULTILINE)
    return Labelled(tuple(filter(None, names)), form)


def _names(line: str) -> tuple[str, ...]:
    """The names of a line of nothing but named numbers, behind that of its time (or empty)."""
    when = _WHEN.match(line)
    rest = line[when.end() :] if when else line
    names = list(_pairs(rest.strip(" \t\r,;|{}[]")))
    if len(names) < _LEAST or len(set(names)) < len(names):
        return ()
    return ("time" if when else "", *names)


def _pairs(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        pair = _PAIR.match(text, at)
        if pair is None:
            # No line of these: a number may not stand for others.
            yield ""
            yield ""
            return
        yield pair["label"]
        at = pair.end()
