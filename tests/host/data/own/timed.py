"""Tables of one walk with times as a test gives them."""

from __future__ import annotations

from pathlib import Path

from nabij.data.common import Recorded, Told
from nabij.data.own.recording import Own, read_own
from nabij.data.parts import recorded
from tests.host.data.tables import walk

ACC = walk(1200)


def table(
    folder: Path, times: list[str], title: str = "timestamp", told: Told | None = None
) -> Own:
    """The recording of a walk, a row for each time."""
    lines = [f"{title},x,y,z"]
    for time, row in zip(times, ACC.tolist(), strict=False):
        lines.append(",".join([time, *(f"{value:.4f}" for value in row)]))
    (folder / "one.csv").write_text("\n".join(lines) + "\n")
    return read_own(folder / "one.csv", "one.csv", told or Told())


def rate_of(own: Own) -> list[float]:
    """The rate of each recording in it."""
    parts = recorded("one.csv", own.rules, own.logged("one"))
    return [one.rate_hz for one in parts if isinstance(one, Recorded)]
