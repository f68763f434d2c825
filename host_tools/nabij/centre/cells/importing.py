"""Has the cells of chosen networks instead of those that there are, or changes nothing."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nabij.centre.cells.table_file import Count, Networks, cells
from nabij.centre.database import cell_load
from nabij.centre.database.cell_table import Row, Source
from nabij.centre.database.place import place_of
from nabij.errors import UsageError
from nabij.paths import StatePaths

_LONGEST_NAMES: Final = 200


@dataclass(frozen=True)
class Imported:
    """What there is now, and in a sentence which lines were left out; that is empty for none."""

    source: Source
    left_out: str


def import_files(
    paths: StatePaths,
    files: Sequence[Path],
    wanted: Networks,
    now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
) -> Imported:
    """Read the files and keep their cells, beside a receiver that runs or without one.

    UsageError for a file that is no such table or has none of these cells, NabijError when they
    cannot be kept; the cells that were there stay, then.
    """
    count = Count()

    def told() -> Source:
        names = ", ".join(file.name for file in files)[:_LONGEST_NAMES]
        return Source(names, str(wanted), count.kept, count.newest_s, now_ms())

    def rows() -> Iterator[Row]:
        yield from cells(files, wanted, count)
        if not count.kept:
            raise UsageError(
                f"There is no LTE cell of {wanted} in {', '.join(map(str, files))}, so the cells "
                f"that were there stay: give the file of that country. {count.sentence()}".strip()
            )

    source = cell_load.load(place_of(paths), paths.root, rows(), told)
    return Imported(source, count.sentence())
