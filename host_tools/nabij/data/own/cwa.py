"""Axivity's own files (.cwa of AX3 and AX6), by a reader that is kept by others.

That reader stretches samples over a block that is missing and looks at no checksum, so that it
is given whole stretches of blocks only (OpenMovement's description of CWA).
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nabij.data.common import Floats, UnusableFileError

SUFFIX: Final = ".cwa"
_EXPORT: Final = "export it as CSV with OmGui ('Raw CSV')"
_BLOCK: Final = 512
_HEADER: Final = 2 * _BLOCK
_MARK: Final = b"AX"
# Of a block: its number since the start, and the words whose sum is 0.
_SEQUENCE: Final = slice(10, 14)
# A writer that makes no checksums has hardly one that is right.
_CHECKED: Final = 0.5
_MOST_PARTS: Final = 20


def read(path: Path, name: str) -> tuple[Floats, Floats, list[str]]:
    """Seconds and g of each sample, and what is to be said of blocks that are lost.

    Raises UnusableFileError when the file or the reader is missing.
    """
    try:
        import cwa_reader_rs  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise UnusableFileError(
            f"{name} needs {error.name}: run pip install 'nabij[qa]', or {_EXPORT}."
        ) from error
    options = dict.fromkeys(
        ("include_magnetometer", "include_temperature", "include_light", "include_battery"), False
    )
    try:
        blocks = _blocks(path)
        parts, damaged = _whole(blocks)
        tables = [cwa_reader_rs.read_cwa_file(str(path), **options)] if not damaged else []
        if damaged and len(parts) <= _MOST_PARTS:
            tables = [_table(path, blocks, part, options) for part in parts]
    except (OSError, ValueError, RuntimeError) as error:
        raise UnusableFileError(
            f"{name} is not a readable .cwa file: copy it again from the logger, or {_EXPORT}."
        ) from error
    if damaged and not tables:
        raise UnusableFileError(
            f"{name} has {damaged} of {len(blocks)} blocks that are damaged or missing: copy it "
            "again from the logger."
        )
    axes = np.concatenate(
        [one[["acc_x", "acc_y", "acc_z"]].to_numpy(np.float32) for one in tables]
    )
    if not len(axes):
        raise UnusableFileError(f"{name} has no samples: the logger had not begun.")
    start = tables[0].index[0]
    seconds: Floats = np.concatenate(
        [(one.index - start).total_seconds().to_numpy(np.float64) for one in tables]
    )
    whole = ~np.isnan(axes).any(axis=1)
    said = f"{name} has blocks that are damaged, missing or cut off, left out: {damaged}."
    return seconds[whole], axes[whole], [said] if damaged else []


def _blocks(path: Path) -> npt.NDArray[np.uint8]:
    """The blocks of data, a row each; a last one that was cut is filled up with zeros."""
    content = np.fromfile(path, np.uint8)
    if len(content) < _HEADER or bytes(content[:2]) != b"MD":
        raise ValueError("no header")
    data = content[_HEADER:]
    if left := len(data) % _BLOCK:
        data = np.concatenate([data, np.zeros(_BLOCK - left, np.uint8)])
    return data.reshape(-1, _BLOCK)


def _whole(blocks: npt.NDArray[np.uint8]) -> tuple[list[npt.NDArray[np.intp]], int]:
    """Stretches of whole blocks that follow each other, and how many are damaged or missing."""
    marked = (blocks[:, :2] == np.frombuffer(_MARK, np.uint8)).all(axis=1)
    sums = blocks.view("<u2").sum(axis=1, dtype=np.uint32) & 0xFFFF
    right = sums == 0
    if not marked.any():
        raise ValueError("no block")
    at = np.flatnonzero(marked & right if right[marked].mean() >= _CHECKED else marked)
    # Behind the last there may be what was never written to.
    last = int(np.flatnonzero(blocks.any(axis=1) & (blocks != 0xFF).any(axis=1))[-1])
    numbers = np.ascontiguousarray(blocks[at, _SEQUENCE]).view("<u4").ravel().astype(np.int64)
    breaks = np.flatnonzero((np.diff(numbers) != 1) | (np.diff(at) != 1)) + 1
    missing = int(np.maximum(np.diff(numbers) - np.diff(at), 0).sum())
    damaged = last + 1 - len(at) + missing
    return np.split(at, breaks), damaged or int(len(breaks) > 0)


def _table(
    path: Path,
    blocks: npt.NDArray[np.uint8],
    part: Sequence[int] | npt.NDArray[np.intp],
    options: Any,
) -> Any:
    """What the reader makes of some of the blocks."""
    import cwa_reader_rs  # noqa: PLC0415 - an extra

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / path.name
        with path.open("rb") as whole:
            file.write_bytes(whole.read(_HEADER) + blocks[part].tobytes())
        return cwa_reader_rs.read_cwa_file(str(file), **options)
