"""The alarm table as a diagram for docs/alarm.md: `python -m nabij.documents.alarm_diagram`."""

from collections.abc import Sequence

from badge.core.alarm import life
from nabij.documents import doc_page

_OPEN, _CLOSE = "```mermaid\n", "```\n"


def diagram() -> str:
    """Return a Mermaid state diagram with one arrow per entry of the table."""
    lines = ["stateDiagram-v2", "    [*] --> IDLE", "    CLOSED --> [*]"]
    for (state, event), (after, actions) in life.TABLE.items():
        arrow = f"    {life.STATE_NAMES[state]} --> {life.STATE_NAMES[after]}"
        done = f" / {', '.join(actions)}" if actions else ""
        lines.append(f"{arrow}: {life.EVENT_NAMES[event]}{done}")
    return "\n".join(lines) + "\n"


def with_diagram(page: str) -> str:
    """Return a Markdown page with its one Mermaid block replaced by the current diagram."""
    before, _, rest = page.partition(_OPEN)
    _, _, after = rest.partition(_CLOSE)
    return before + _OPEN + diagram() + _CLOSE + after


def main(argv: Sequence[str] | None = None) -> int:
    """Print the diagram, or put it into the page named by --write."""
    return doc_page.print_or_write(
        argv, "The alarm table as a Mermaid diagram.", diagram(), with_diagram
    )


if __name__ == "__main__":
    raise SystemExit(main())
