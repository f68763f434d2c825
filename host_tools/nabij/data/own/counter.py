"""A column that counts samples: where there is no clock, it alone shows that some are missing."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from nabij.data.common import Told
from nabij.data.own.cells import is_number, number
from nabij.data.own.dialect import Dialect
from nabij.data.own.time_column import NO_TIME, TimeColumn
from nabij.data.own.wraps import COUNTERS

# Samples are lost now and then; what jumps more often counts something else.
_USUAL: Final = 0.9
_LEAST: Final = 20


def counter_of(
    dialect: Dialect, axes: Sequence[int], told: Told, stated_hz: float | None
) -> TimeColumn | None:
    """The column that counts samples as a clock of the rate that is told or stated; None: none."""
    rate_hz = told.rate_hz or stated_hz
    if rate_hz is None or told.time.casefold() == NO_TIME:
        return None
    for column in range(dialect.cells):
        if column not in axes and _counts(dialect, column):
            by = "as told" if told.rate_hz else "as stated above the table"
            how = f"{dialect.label(column)}, which counts samples; {rate_hz:g} Hz {by}"
            return TimeColumn(column, 1 / rate_hz, how, counted=True)
    return None


def _counts(dialect: Dialect, column: int) -> bool:
    """True for a column of whole numbers that rise one by one, and begin anew as counters do."""
    cells = [row[column] for row in dialect.rows]
    if len(cells) < _LEAST or not all(is_number(cell, dialect.decimal) for cell in cells):
        return False
    steps = np.diff([number(cell, dialect.decimal) for cell in cells])
    back = steps[steps <= 0]
    return bool((steps == 1).mean() >= _USUAL and np.isin(1 - back, list(COUNTERS)).all())
