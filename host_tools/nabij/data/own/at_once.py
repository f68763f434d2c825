"""The columns of many lines at once, where these hold nothing but samples."""

import io
import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from nabij.data.own.cells import BLANKS, COMMENTS, GROUPED, NOTHING
from nabij.data.own.dialect import Dialect

_EMPTY: Final = tuple({spelling for word in NOTHING for spelling in (word, word.upper())} - {""})
_REMARK: Final = re.compile(rf"^\s*({'|'.join(COMMENTS)})", re.MULTILINE)
# What a column holds, for pandas.
NUMBERS: Final = np.float64
TEXT: Final = "str"


def columns_at_once(
    block: str, dialect: Dialect, kinds: Mapping[int, Any], widest: int
) -> dict[int, Any] | None:
    """The cells of the columns in `kinds` by column, empty ones as NaN.

    None: the lines hold other things too, or have cells filled from column `widest` on.
    """
    import pandas as pd  # noqa: PLC0415 - half a second that only this importer needs

    if "\0" in block or dialect.decimal == GROUPED or _has_remarks(block):
        return None
    # Where all columns are wanted pandas itself refuses a cell too many.
    beyond = {} if set(kinds) == set(range(dialect.cells)) else {widest: NUMBERS}
    # A line above the others makes room for all cells, and for the first too many.
    width = widest + len(beyond)
    room = dialect.separator.join("0" * width)
    try:
        table = pd.read_csv(
            # Bytes: pandas wants them in the end, and text would be four times as large.
            io.BytesIO(f"{room}\n{block}".encode()),
            sep=r"\s+" if dialect.separator == BLANKS else dialect.separator,
            decimal=dialect.decimal,
            header=None,
            names=range(width),
            usecols=[*kinds, *beyond] if beyond else None,
            index_col=False,
            # A word in a cell too many is no number either.
            dtype={**kinds, **beyond},
            na_values=_EMPTY,
            # Takes half as long again.
            skipinitialspace=" " in block,
            low_memory=False,
        )
    except (ValueError, pd.errors.ParserError, pd.errors.EmptyDataError):
        return None
    table = table[1:]
    if not len(table) or any(table[column].notna().any() for column in beyond):
        return None
    return {column: table[column].to_numpy() for column in kinds}


def _has_remarks(block: str) -> bool:
    """True for lines of which one is a comment; numbers in it are no sample."""
    return any(sign in block for sign in COMMENTS) and _REMARK.search(block) is not None
