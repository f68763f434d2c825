"""The table of docs/gestures.md: `python -m nabij.documents.gesture_docs`."""

from collections.abc import Iterator, Sequence
from typing import Final

from badge.core.alarm import book
from badge.core.wearer import button_trial, gesture_map
from badge.core.wearer.gestures import LEFT, RIGHT, SOS_GESTURES
from nabij.documents import doc_page

_CONTEXTS: Final = {
    book.QUIET: "nothing is going on",
    button_trial.TRYING: "the badge asks for the buttons",
    book.IN_PRE_ALARM: "a pre-alarm runs",
    book.CHECK_IN_DUE: "a check-in is due",
    book.AMBER_RUNNING: "an amber runs",
    book.ALARM_OPEN: "an alarm is open",
}
_SHAPES: Final = {
    "TAP": "tap",
    "DOUBLE_TAP": "double tap",
    "TRIPLE_TAP": "triple tap",
    "PRESS": "slow press",
    "HOLD": "hold",
    "LEAN": "lean",
    "SHORT_SQUEEZE": "short squeeze",
    "ROLL": "roll",
    "ROLL_HOLD": "roll and hold",
    "MUDDLE": "muddle",
}
_SIDES: Final = {LEFT: "left", RIGHT: "right"}
# The answer to any press that is not in the table.
_ELSE: Final = (gesture_map.SOS, gesture_map.STATUS)


def table() -> str:
    """One row for each context and meaning, one column for each SOS gesture."""
    lines = [
        f"| when | meaning | {' | '.join(f'`{name}`' for name in SOS_GESTURES)} |",
        "|---|---|" + "---|" * len(SOS_GESTURES),
    ]
    for context in gesture_map.CONTEXTS:
        words = _CONTEXTS[context]
        for meaning in gesture_map.MEANINGS:
            cells = [", ".join(_said(name, context, meaning)) for name in SOS_GESTURES]
            if meaning not in _ELSE and any(cells):
                lines.append(f"| {words} | {meaning} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def with_table(page: str) -> str:
    """Return a Markdown page with what stands between its marks replaced by the table."""
    return doc_page.between_marks(page, "table", table())


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table, or put it into the page named by --write."""
    return doc_page.print_or_write(
        argv, "What each gesture means, as a Markdown table.", table(), with_table
    )


def _said(sos_gesture: str, context: str, meaning: str) -> Iterator[str]:
    for shape in _SHAPES:
        sides = [
            side
            for button, side in _SIDES.items()
            if gesture_map.meaning(sos_gesture, context, shape, button) == meaning
        ]
        if shape.startswith("ROLL") and sides:
            words = _SHAPES[shape]
            yield words if len(sides) > 1 else f"{words} from the {sides[0]}"
        elif shape in ("SHORT_SQUEEZE", "MUDDLE") and sides:
            yield _SHAPES[shape]
        elif sides:
            yield _SHAPES[shape] if len(sides) > 1 else f"{_SHAPES[shape]} {sides[0]}"


if __name__ == "__main__":
    raise SystemExit(main())
