"""The tables of docs/wearer.md: `python -m nabij.documents.wearer_docs --write docs/wearer.md`."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any, Final

from badge.core.settings.config import defaults
from badge.core.settings.fields import PROFILES
from badge.core.wearer import protection, reasons
from badge.core.wearer.feedback import SIGNALS, plan
from badge.core.wearer.haptics import PATTERNS
from nabij import reason_words
from nabij.documents import doc_page
from nabij.documents.haptic_feel import distance, length_ms

_MS_A_MARK: Final = 60
_REASONS_HEAD: Final = "| reason | answer | told to the centre as | what it means |"


def tables() -> str:
    """The signals, the patterns and the reasons, as Markdown."""
    return f"{_signals()}\n{_patterns()}\n{_reasons()}"


def with_tables(page: str) -> str:
    """Return a Markdown page with what stands between its marks replaced by the tables."""
    return doc_page.between_marks(page, "tables", tables())


def drawn(pulses: Sequence[tuple[int, int, int]]) -> str:
    """A pattern as the motor plays it: a bar for each 60 ms on, a dot for each 60 ms off."""
    return "".join(
        "█" * max(1, round(on_ms / _MS_A_MARK)) + "·" * round(off_ms / _MS_A_MARK)
        for on_ms, off_ms, _ in pulses
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tables, or put them into the page named by --write."""
    return doc_page.print_or_write(
        argv, "What the wearer feels, as Markdown tables.", tables(), with_tables
    )


def _signals() -> str:
    plans = {profile: plan(defaults(profile)) for profile in PROFILES}
    lines = ["## The signals", ""]
    lines.append(f"| signal | it tells | pattern | {' | '.join(PROFILES)} |")
    lines.append("|---|---|---|" + "---|" * len(PROFILES))
    for name, pattern, _, _, _, doc in SIGNALS:
        channels = " | ".join(_channels(plans[profile][name]) for profile in PROFILES)
        lines.append(f"| `{name}` | {doc} | {pattern} | {channels} |")
    return "\n".join([*lines, ""])


def _channels(feeling: Any) -> str:
    parts = ["felt"]
    if feeling.tones:
        parts.append("heard")
    if feeling.blinks:
        parts.append("seen")
    return ", ".join(parts)


def _patterns() -> str:
    pairs = [
        (distance(PATTERNS[one], PATTERNS[other]), one, other)
        for one, other in combinations(PATTERNS, 2)
    ]
    nearest, one, other = min(pairs)
    lines = ["## The patterns", "", "| pattern | rhythm | lasts (ms) |", "|---|---|---|"]
    lines += [
        f"| {name} | `{drawn(pulses)}` | {length_ms(pulses)} |"
        for name, pulses in PATTERNS.items()
    ]
    lines += ["", f"The two nearest to each other are {one} and {other}: {nearest}."]
    return "\n".join([*lines, ""])


def _reasons() -> str:
    lines = ["## Am I protected?", "", _REASONS_HEAD, "|---|---|---|---|"]
    lines += [
        f"| `{one.name}` | {protection.NAMES[one.weight]} | {_told(one)} "
        f"| {reason_words.WORDS[one.name]} |"
        for one in reasons.TABLE
    ]
    return "\n".join([*lines, ""])


def _told(one: Any) -> str:
    if not one.told_s:
        return f"- ({reason_words.UNTOLD[one.name]})"
    if one.told_s == reasons.AT_ONCE:
        return str(one.number)
    return f"{one.number}, after {one.told_s // 60} min on shift"


if __name__ == "__main__":
    raise SystemExit(main())
