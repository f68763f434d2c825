"""What tables of one's own were taken for, in lines that fit a terminal."""

from collections.abc import Sequence
from typing import Final

from nabij.data.common import Taken

_LAYOUTS_SHOWN: Final = 5


def taken_lines(taken: Sequence[tuple[str, Taken]]) -> list[str]:
    """What files were taken for, each layout once, with the first three samples of its first."""
    layouts: dict[tuple[str, ...], list[tuple[str, Taken]]] = {}
    for name, one in taken:
        layouts.setdefault(one.layout, []).append((name, one))
    lines = []
    for alike in list(layouts.values())[:_LAYOUTS_SHOWN]:
        name, one = alike[0]
        more = f" and {len(alike) - 1} more like it" if len(alike) > 1 else ""
        lines.append(f"{name}{more}")
        facts = (("time", one.time), ("axes", one.axes), ("unit", one.unit), ("text", one.form))
        lines += [f"  {fact:5} {text}" for fact, text in facts]
        for second, x, y, z in one.first:
            lines.append(f"  {second:8.3f} s {x:9.1f} {y:9.1f} {z:9.1f} mg")
    rest = list(layouts.values())[_LAYOUTS_SHOWN:]
    if rest:
        files = sum(map(len, rest))
        lines.append(f"... and {files} files in {len(rest)} other layouts: --json has them.")
    return lines
