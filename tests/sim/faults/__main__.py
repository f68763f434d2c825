"""Live through the faults and print what came of each: `python -m tests.sim.faults [WORD...]`.

With --pairs two at a time are drawn, and only the fall and the SOS count (pairs.py); with --drills
the test of a shift is lived through instead (drill.py).
With --write docs/faults.md the page gets the table. Ends with 1 when a day went otherwise than its
row says.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from nabij.documents import doc_page
from tests.sim.faults import drill
from tests.sim.faults.day import GROUPS, Columns, Row, live, rows
from tests.sim.faults.pairs import is_no_worse, pairs
from tests.worlds import make_site

_HEAD: Final = "| fault | fall detected | SOS delivered | wearer told | centre told | |"
_RULE: Final = "|---|---|---|---|---|---|"
_TITLES: Final = {"wlan": "WLAN (the key fob, which tells no falls)"}
_DRILL_HEAD: Final = "| fault | felt | answer | |\n|---|---|---|---|"


def table(all_rows: Iterable[Row]) -> str:
    """The rows as Markdown, a table for each group."""
    by_group: dict[str, list[Row]] = {group: [] for group in GROUPS}
    for row in all_rows:
        by_group[row.group].append(row)
    parts = []
    for group, members in by_group.items():
        lines = [f"## {_TITLES.get(group, group.capitalize())}", "", _HEAD, _RULE]
        lines += [
            f"| {row.name} | {_cells(row.expected)} | {row.given['note']} |" for row in members
        ]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def drill_table(drills: Iterable[drill.Drill]) -> str:
    """The drills as a Markdown table."""
    lines = [
        f"| {one.id} | {', '.join(one.given['felt']) or '-'} | {one.given['answer']} |"
        f" {one.given['note']} |"
        for one in drills
    ]
    return "\n".join([_DRILL_HEAD, *lines]) + "\n"


def with_table(page: str) -> str:
    """The page with the tables of all rows in it."""
    page = doc_page.between_marks(page, "table", table(rows()))
    return doc_page.between_marks(page, "drills", drill_table(drill.drills()))


def _drills(words: Sequence[str], *, is_told: bool) -> int:
    chosen = [one for one in drill.drills() if all(word in one.id for word in words)]
    otherwise = 0
    with tempfile.TemporaryDirectory(prefix="nabij-drills-") as folder:
        site = make_site(Path(folder) / "site")
        for number, one in enumerate(chosen):
            found, run = drill.live(one, site, Path(folder) / str(number))
            if is_told:
                print("\n".join(line.text for line in run.lines))
            print(f"{one.id:64} {', '.join(found.felt) or '-'} | {found.answer}", flush=True)
            if found != one.expected:
                otherwise += 1
                print(f"{'   otherwise than its row says:':64} {one.expected}")
    print(f"{len(chosen)} drills, {otherwise} otherwise.")
    return 1 if otherwise or not chosen else 0


def main(argv: Sequence[str]) -> int:
    """Live, print, compare."""
    parser = argparse.ArgumentParser(prog="python -m tests.sim.faults", description=__doc__)
    parser.add_argument("words", nargs="*", help="of the rows to live through; all of them")
    parser.add_argument("--write", type=Path, help="page whose table to replace")
    parser.add_argument("--log", action="store_true", help="print the badge's log too")
    parser.add_argument("--pairs", type=int, default=0, help="so many days of two faults instead")
    parser.add_argument("--seed", type=int, default=0, help="which pairs")
    parser.add_argument("--drills", action="store_true", help="the tests of shifts instead")
    given = parser.parse_args(argv)
    if given.drills:
        if given.pairs or given.write is not None:
            parser.error("drills are neither paired nor written alone: leave the rest out")
        return _drills(given.words, is_told=given.log)
    if given.pairs and given.write is not None:
        parser.error("the page has days of one fault: leave --pairs or --write out")
    all_rows = pairs(given.pairs, given.seed) if given.pairs else rows()
    chosen = [row for row in all_rows if all(word in row.id for word in given.words)]
    if not chosen:
        parser.error(f"no fault has {' '.join(given.words)!r} in its name")
    otherwise = 0
    with tempfile.TemporaryDirectory(prefix="nabij-faults-") as folder:
        site = make_site(Path(folder) / "site")
        for number, row in enumerate(chosen):
            found, run = live(row, site, Path(folder) / str(number))
            if given.log:
                print("\n".join(line.text for line in run.lines))
            print(f"{row.id:64} {_cells(found)}", flush=True)
            most = row.given["restarts"]
            if most is not None and len(run.exit_codes) > 1 + most:
                otherwise += 1
                print(f"{'   starts anew too often:':64} {len(run.exit_codes) - 1} times")
            is_well = is_no_worse(found, row.expected) if given.pairs else found == row.expected
            if not is_well:
                otherwise += 1
                print(f"{'   otherwise than its row says:':64} {_cells(row.expected)}")
    if given.write is not None and not otherwise:
        page = given.write.read_text(encoding="utf-8")
        given.write.write_text(with_table(page), encoding="utf-8")
    print(f"{len(chosen)} faults, {otherwise} otherwise.")
    return int(otherwise > 0)


def _cells(columns: Columns) -> str:
    told = (", ".join(names) or "-" for names in (columns.wearer, columns.centre))
    return " | ".join((columns.fall, columns.sos, *told))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
