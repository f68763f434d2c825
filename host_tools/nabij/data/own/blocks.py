"""The numbers of a table, block by block: a recording of a day has nine million lines."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any, Final

import numpy as np
import numpy.typing as npt

from nabij.data.common import Floats, UnusableFileError
from nabij.data.own import at_once
from nabij.data.own.bad_lines import BadLines
from nabij.data.own.cells import (
    COMMENTS,
    LONGEST_LINE,
    cells_of,
    heading_cells,
    is_number,
    number,
    other_sign,
)
from nabij.data.own.dialect import Dialect
from nabij.data.own.heading import triads_of
from nabij.data.own.text import Text
from nabij.data.own.time_column import TimeColumn

_BLOCK_CHARS: Final = 1 << 22
# Rows without a value that are still a recording's, and not a damaged file's.
_MOST_EMPTY: Final = 0.01
# Lines are not all of one length.
_ROOM: Final = 1.05


@dataclass
class Numbers:
    """Seconds (None without a clock) and axes of each row that has them, as they stand there.

    `at` says which of all lines of samples these are, when some were left out.
    """

    t_s: Floats | None
    axes: Floats
    at: npt.NDArray[np.intp] | None
    notes: list[str] = field(default_factory=list)


@dataclass
class _Block:
    """Values of some lines: seconds and axes, NaN where a cell is empty."""

    t_s: Floats | None
    axes: Floats

    def is_whole(self) -> bool:
        """True when all rows have all their values, as those of nearly all blocks."""
        return bool(
            np.isfinite(self.axes).all() and (self.t_s is None or np.isfinite(self.t_s).all())
        )

    def usable(self) -> npt.NDArray[np.bool_]:
        """Which rows have all their values."""
        whole = np.isfinite(self.axes).all(axis=1)
        if self.t_s is not None:
            whole &= np.isfinite(self.t_s)
        return np.asarray(whole)

    def is_half_empty(self) -> bool:
        """True when a row has some of its axes, but not all."""
        if np.isfinite(self.axes).all():
            return False
        missing = (~np.isfinite(self.axes)).sum(axis=1)
        return bool(((missing > 0) & (missing < 3)).any())


class _Rows:
    """The whole rows of all blocks in one place, which is as large as the file lets expect."""

    def __init__(self, *, clocked: bool) -> None:
        self.count = self.kept = 0
        self._t = np.empty(0) if clocked else None
        self._axes = np.empty((0, 3), np.float32)
        self._lost: list[npt.NDArray[np.intp]] = []

    def append(self, block: _Block, expected: int) -> None:
        """Take the rows that have all their values, and remember which had not."""
        t_s, axes = block.t_s, block.axes
        before, self.count = self.count, self.count + len(axes)
        if not block.is_whole():
            usable = block.usable()
            self._lost.append(np.flatnonzero(~usable) + before)
            t_s, axes = None if t_s is None else t_s[usable], axes[usable]
        end = self.kept + len(axes)
        if end > len(self._axes):
            self._grow(max(end, expected))
        self._axes[self.kept : end] = axes
        if self._t is not None and t_s is not None:
            self._t[self.kept : end] = t_s
        self.kept = end

    def _grow(self, size: int) -> None:
        """Room for so many rows; what is never written to takes no memory."""
        axes = np.empty((size, 3), np.float32)
        axes[: self.kept] = self._axes[: self.kept]
        self._axes = axes
        if self._t is not None:
            t = np.empty(size)
            t[: self.kept] = self._t[: self.kept]
            self._t = t

    def arrays(self) -> tuple[Floats | None, Floats]:
        """Seconds and axes of the rows that were taken."""
        return None if self._t is None else self._t[: self.kept], self._axes[: self.kept]

    def at(self) -> npt.NDArray[np.intp] | None:
        """Which of all rows those are, when not all were taken."""
        if self.kept == self.count:
            return None
        return np.delete(np.arange(self.count), np.concatenate(self._lost))


class Reader:
    """Reads the columns of one table; `read` raises UnusableFileError that names a bad line."""

    def __init__(
        self,
        text: Text,
        dialect: Dialect,
        axes: tuple[int, int, int],
        clock: TimeColumn | None,
        skip_bad: int = 0,
    ) -> None:
        self._text = text
        self._dialect = dialect
        self._axes = axes
        self._clock = clock
        self._columns = [*axes, *([clock.column] if clock else [])]
        # More filled cells than this are no sample: one of them is a stray one.
        self._widest = max(dialect.named, *(at + 1 for at in self._columns))
        self._repeated = 0
        self._doubles: list[int] = []
        self._notes: list[str] = []
        self._half_empty: int | None = None
        self._cut: int | None = None
        self._bad_lines = BadLines(text.name, skip_bad)

    def read(self) -> Numbers:
        rows = _Rows(clocked=self._clock is not None)
        with self._text.open() as file:
            line = self._skip(file)
            while block := file.read(_BLOCK_CHARS):
                block = self._text.plain(block + file.readline(LONGEST_LINE))
                last = not block.endswith("\n")
                found = self._block(block, line, last=last)
                rows.append(found, expected=self._expected(block, found))
                line += block.count("\n")
        return self._numbers(rows)

    def _expected(self, block: str, found: _Block) -> int:
        """How many rows there may be in all, by those of the first block."""
        return int(self._text.chars / max(1, len(block)) * len(found.axes) * _ROOM) + 1

    def _skip(self, file: IO[str]) -> int:
        """Past the headings; the number of the line that follows."""
        for _ in range(self._dialect.first):
            file.readline()
        return self._dialect.first + 1

    def _block(self, block: str, line: int, *, last: bool) -> _Block:
        if last:
            block = self._without_cut_end(block.rstrip("\0"), line)
        found = self._fast(block)
        if found is None:
            return self._slow(block, line, last=last)
        if self._half_empty is None and found.is_half_empty():
            # Only this needs the number of the line.
            return self._slow(block, line, last=last)
        return found

    def _fast(self, block: str) -> _Block | None:
        """The block as numbers at once; None when it has other things than these."""
        kinds: dict[int, Any] = dict.fromkeys(self._columns, at_once.NUMBERS)
        if self._clock is not None and self._clock.seconds_a_tick is None:
            kinds[self._clock.column] = at_once.TEXT
        found = at_once.columns_at_once(block, self._dialect, kinds, self._widest)
        if found is None:
            return None
        axes = np.empty((len(found[self._axes[0]]), 3), np.float32)
        # What is beyond any number is none.
        with np.errstate(over="ignore"):
            for at, column in enumerate(self._axes):
                axes[:, at] = found[column]
        return _Block(self._seconds(found[self._clock.column]) if self._clock else None, axes)

    def _seconds(self, cells: Any) -> Floats:
        assert self._clock is not None  # noqa: S101 - narrows the type for both callers
        return self._clock.seconds(cells)

    def _slow(self, block: str, first: int, *, last: bool) -> _Block:
        """Line by line, to leave out what is no sample and to name what is wrong."""
        axes: list[list[float]] = []
        times: list[Any] = []
        for line, cells in self._samples(block, first):
            try:
                values = [number(cells[at], self._dialect.decimal) for at in self._axes]
                when = self._time(cells)
            except (ValueError, IndexError):
                if last and line == first + block.rstrip("\n").count("\n"):
                    self._cut = line
                    continue
                self._bad_lines.add(line, self._bad(line, cells))
                if self._clock is not None or not self._is_damaged(cells):
                    continue
                # By its number alone a line counts in time.
                values, when = [math.nan] * 3, 0.0
            empty = sum(map(math.isnan, values))
            if 0 < empty < 3 and self._half_empty is None:
                self._half_empty = line
            axes.append(values)
            times.append(when)
        t_s = self._seconds(np.array(times)) if self._clock else None
        with np.errstate(over="ignore"):
            return _Block(t_s, np.array(axes).reshape(-1, 3).astype(np.float32))

    def _time(self, cells: list[str]) -> float | str:
        if self._clock is None:
            return 0.0
        cell = cells[self._clock.column]
        return cell if self._clock.seconds_a_tick is None else number(cell, self._dialect.decimal)

    def _samples(self, block: str, first: int) -> Iterator[tuple[int, list[str]]]:
        """The lines with samples, as cells; without blank ones, comments and repeated headings."""
        width = self._dialect.cells
        for line, text in enumerate(block.split("\n"), first):
            if not text.strip("\0 \t") or self._is_remark(text, line):
                continue
            if len(text) > LONGEST_LINE:
                self._bad_lines.add(line, self._bad(line, []))
                continue
            (cells,) = cells_of([text], self._dialect.separator)
            if self._is_heading(cells, line):
                self._repeated += 1
                continue
            samples = [cells[at : at + width] for at in range(0, len(cells), width)]
            if len(samples) > 1 and all(map(self._is_whole, samples)):
                # Decimal commas between commas make two cells of each number.
                if self._dialect.decimal == "." and not any("." in cell for cell in cells):
                    raise self._bad(line, cells)
                self._doubles.append(line)
                yield from ((line, sample) for sample in samples)
                continue
            while len(cells) > self._widest and not cells[-1]:
                cells.pop()
            if len(cells) > self._widest:
                said = (
                    f"{self._text.name} line {line} has {len(cells)} cells, not {self._widest} as "
                    "its columns: correct that line, or take it out."
                )
                self._bad_lines.add(line, UnusableFileError(said))
                continue
            yield line, cells

    def _is_damaged(self, cells: list[str]) -> bool:
        """True for a sample with a cell that is no number, not for a line of words."""
        numbers = sum(is_number(cell, self._dialect.decimal) for cell in cells)
        return numbers > 0 and len(cells) == self._dialect.cells

    def _is_whole(self, cells: list[str]) -> bool:
        """True for all cells of a sample, none of those that count empty."""
        return len(cells) == self._dialect.cells and all(cells[at] for at in self._columns)

    def _is_remark(self, text: str, line: int) -> bool:
        """True for a comment; UnusableFileError for one that is a heading in another order."""
        if not text.lstrip().startswith(COMMENTS):
            return False
        (cells,) = cells_of([text], self._dialect.separator)
        names = heading_cells(cells)
        known = self._dialect.heading_lines
        if names not in known and sorted(names) in map(sorted, known):
            raise self._other_heading(line)
        return True

    def _is_heading(self, cells: list[str], line: int) -> bool:
        """True for a line of the heading again; UnusableFileError for its words in other order."""
        if heading_cells(cells) in self._dialect.heading_lines:
            return True
        words = [cell for cell in cells if re.search(r"[^\W\d_]", cell)]
        heading = " ".join(self._dialect.heading)
        # Even to leave it out would be wrong: what is below may have other columns or units.
        if len(words) >= 3 and (all(word in heading for word in words) or triads_of(words)):
            raise self._other_heading(line)
        return False

    def _other_heading(self, line: int) -> UnusableFileError:
        return UnusableFileError(
            f"{self._text.name} line {line} is another heading than the first: make a file of "
            "each table."
        )

    def _without_cut_end(self, block: str, first: int) -> str:
        """The block without a last line that was cut inside a number, as its digits show."""
        lines = block.rstrip("\n").split("\n")
        if block.endswith("\n") or len(lines) < 20:
            return block
        *before, end = cells_of(lines[-20:], self._dialect.separator)
        at = max(self._columns)
        digits = {
            len(cells[at].rpartition(self._dialect.decimal)[2])
            for cells in before
            if len(cells) > at
        }
        if len(digits) == 1 and len(end) > at:
            if len(end[at].rpartition(self._dialect.decimal)[2]) >= digits.pop():
                return block
        elif len(end) > at:
            return block
        self._cut = first + len(lines) - 1
        return block[: block.rindex("\n") + 1]

    def _numbers(self, rows: _Rows) -> Numbers:
        name = self._text.name
        lost = rows.count - rows.kept
        if self._half_empty is not None and lost > _MOST_EMPTY * rows.count:
            raise UnusableFileError(
                f"{name} line {self._half_empty} has a value that is not a number, and so have "
                f"{lost} of {rows.count} lines in all: leave it out, or export it anew."
            )
        self._notes += filter(None, [self._bad_lines.checked()])
        self._say(lost)
        t_s, axes = rows.arrays()
        if self._clock is not None and t_s is not None:
            t_s, said = self._clock.resolved(t_s)
            self._notes += [f"{name} {one}." for one in (said, self._clock.doubt) if one]
        return Numbers(t_s, axes, rows.at(), self._notes)

    def _say(self, empty: int) -> None:
        name = self._text.name
        if self._text.also:
            also = ", ".join(self._text.also)
            self._notes.append(f"{name} has samples in its sheets {also} too: see --sheet.")
        if self._dialect.note:
            self._notes.append(f"{name} {self._dialect.note}.")
        if self._cut is not None:
            self._notes.append(
                f"{name} ends in the middle of line {self._cut}, which is left out."
            )
        if self._repeated:
            self._notes.append(
                f"{name} repeats its heading; such lines left out: {self._repeated}."
            )
        if self._doubles:
            self._notes.append(
                f"{name} has lines with more than one sample, as line {self._doubles[0]}: all "
                f"were taken ({len(self._doubles)} such lines)."
            )
        if empty:
            self._notes.append(f"{name} has lines without a sample, left out: {empty}.")

    def line_of(self, row: int) -> int:
        """The line of the file in which a row of samples stands, counted with those left out."""
        with self._text.open() as file:
            line = self._skip(file)
            while block := file.read(_BLOCK_CHARS):
                block = self._text.plain(block + file.readline(LONGEST_LINE))
                for at, _ in self._samples(block, line):
                    if at in self._bad_lines.found and self._clock is not None:
                        continue
                    if row == 0:
                        return at
                    row -= 1
                line += block.count("\n")
        return line

    def _bad(self, line: int, cells: list[str]) -> UnusableFileError:
        if other_sign(cells, self._dialect.decimal) or len(cells) >= 2 * self._dialect.cells:
            return UnusableFileError(
                f"{self._text.name} line {line} has its numbers with another decimal sign than "
                f"the lines above ('{self._dialect.decimal[0]}'): write all numbers alike."
            )
        columns = ", ".join(str(at + 1) for at in self._axes)
        also = f" and a time in column {self._clock.column + 1}" if self._clock else ""
        return UnusableFileError(
            f"{self._text.name} line {line} does not have 3 numbers in its columns {columns}"
            f"{also}: correct that line, or take it out."
        )
