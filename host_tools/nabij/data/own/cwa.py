"""Axivity's own files (.cwa of AX3 and AX6), by a reader that is kept by others."""

from pathlib import Path
from typing import Final

import numpy as np

from nabij.data.common import Floats, UnusableFileError

SUFFIX: Final = ".cwa"
_EXPORT: Final = "export it as CSV with OmGui ('Raw CSV')"


def read(path: Path, name: str) -> tuple[Floats, Floats]:
    """Seconds and g of each sample; UnusableFileError when the file or the reader is missing."""
    try:
        import cwa_reader_rs  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise UnusableFileError(
            f"{name} needs {error.name}: run pip install 'nabij[qa]', or {_EXPORT}."
        ) from error
    try:
        table = cwa_reader_rs.read_cwa_file(
            str(path),
            include_magnetometer=False,
            include_temperature=False,
            include_light=False,
            include_battery=False,
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise UnusableFileError(
            f"{name} is not a readable .cwa file: copy it again from the logger, or {_EXPORT}."
        ) from error
    axes = table[["acc_x", "acc_y", "acc_z"]].to_numpy(np.float32)
    if not len(axes):
        raise UnusableFileError(f"{name} has no samples: the logger had not begun.")
    seconds = (table.index - table.index[0]).total_seconds().to_numpy(np.float64)
    whole = ~np.isnan(axes).any(axis=1)
    return seconds[whole], axes[whole]
