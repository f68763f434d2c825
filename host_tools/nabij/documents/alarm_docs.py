"""What docs/alarm.md has of the badge's tables: `python -m nabij.documents.alarm_docs --write
docs/alarm.md` puts the kinds and the diagram of a life there.
"""

from collections.abc import Sequence
from typing import Final

from badge.core.alarm import kinds, life
from nabij.documents import doc_page

_OPEN, _CLOSE = "```mermaid\n", "```\n"
_BEGINS: Final = {
    kinds.AT_ONCE: "RAISED",
    kinds.PRE_ALARM: "PRE_ALARM, raised after `prealarm_ms`",
    kinds.DEADLINE: "WAITING, raised when it runs out",
    kinds.REPORT: "REPORT, never raised",
}


def kinds_table() -> str:
    """Return the kinds as a Markdown table."""
    lines = ["| kind | number | class | begins as | priority |", "|---|---|---|---|---|"]
    lines += [
        f"| {kind.name} | {kind.number} | {kind.category} | {_BEGINS[kind.begins]} "
        f"| {kind.priority} |"
        for kind in kinds.TABLE
    ]
    return "\n".join([*lines, ""])


def diagram() -> str:
    """Return a Mermaid state diagram with one arrow per entry of the table."""
    lines = ["stateDiagram-v2", "    [*] --> IDLE", "    CLOSED --> [*]"]
    for (state, event), (after, actions) in life.TABLE.items():
        arrow = f"    {life.STATE_NAMES[state]} --> {life.STATE_NAMES[after]}"
        done = f" / {', '.join(actions)}" if actions else ""
        lines.append(f"{arrow}: {life.EVENT_NAMES[event]}{done}")
    return "\n".join(lines) + "\n"


def with_tables(page: str) -> str:
    """Return the page with its kinds and its one Mermaid block as they are now."""
    page = doc_page.between_marks(page, "kinds", kinds_table())
    before, _, rest = page.partition(_OPEN)
    _, _, after = rest.partition(_CLOSE)
    return before + _OPEN + diagram() + _CLOSE + after


def main(argv: Sequence[str] | None = None) -> int:
    """Print kinds and diagram, or put them into the page named by --write."""
    made = f"{kinds_table()}\n{diagram()}"
    return doc_page.print_or_write(argv, "The kinds and the life of an alarm.", made, with_tables)


if __name__ == "__main__":
    raise SystemExit(main())
