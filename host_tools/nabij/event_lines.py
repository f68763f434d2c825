"""The badge's console: one event a line, `# <ticks_ms> <what> key=value ...`."""

import re
from dataclasses import dataclass
from typing import Final

# As MicroPython's repr() writes text: with both kinds of quotes in it, one of them is escaped.
_VALUE: Final = r"'(?:[^'\\]|\\.)*'|\"[^\"]*\"|\S*"
_LINE = re.compile(rf"# (\d+) ([a-z_.]+)((?: [a-z_]+=(?:{_VALUE}))*)")
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
_WORDS: Final = {"True": True, "False": False, "None": None}
_FIELD = re.compile(rf" ([a-z_]+)=({_VALUE})")


@dataclass(frozen=True)
class LoggedEvent:
    """One event of the badge's log; `ticks_ms` is the badge's own clock since it was powered."""

    ticks_ms: int
    what: str
    fields: dict[str, str]
    # Names of the fields that stand in quotes: text, whatever is in it.
    quoted: frozenset[str] = frozenset()

    @property
    def values(self) -> dict[str, int | float | bool | str | None]:
        """The fields as what they are: numbers, true and false, None; all else is text."""
        return {
            name: text if name in self.quoted else _value(text)
            for name, text in self.fields.items()
        }

    @property
    def alarm(self) -> tuple[int, int] | None:
        """The key (boot, sequence) of the alarm that the event is about, or None."""
        if "boot" in self.fields and "seq" in self.fields:
            return int(self.fields["boot"]), int(self.fields["seq"])
        return None


def _value(text: str) -> int | float | bool | str | None:
    if text in _WORDS:
        return _WORDS[text]
    if _NUMBER.fullmatch(text) is None:
        return text
    return float(text) if "." in text else int(text)


def _text(value: str) -> str:
    if len(value) > 1 and value[0] in "'\"" and value[-1] == value[0]:
        return value[1:-1].replace("\\'", "'")
    return value


def parse_event(text: str) -> LoggedEvent | None:
    """The event in a console line, or None for any other line (a traceback, a print)."""
    found = _LINE.fullmatch(text)
    if found is None:
        return None
    told: list[tuple[str, str]] = _FIELD.findall(found[3])
    fields = {name: _text(value) for name, value in told}
    quoted = frozenset(name for name, value in told if value[:1] in ("'", '"'))
    return LoggedEvent(int(found[1]), found[2], fields, quoted)
