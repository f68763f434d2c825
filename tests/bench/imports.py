"""What importing a recording of a whole day costs: `nabij data import csv` on a table."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

RATE_HZ = 104
HOURS = 24
_AT_ONCE = 200_000
# A process of its own: its memory, and the seconds that a person waits.
_IMPORT = """
import json, resource, sys, time
started = time.perf_counter()
from nabij.cli.app import app
try:
    app(["data", "import", "csv", sys.argv[1], "-o", sys.argv[2]])
except SystemExit as left:
    if left.code:
        raise
print(json.dumps({
    "seconds": time.perf_counter() - started,
    "cpu_seconds": time.process_time(),
    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
"""


def figures(folder: Path) -> dict[str, float]:
    """Return seconds, CPU seconds and peak memory by name."""
    folder.mkdir(parents=True, exist_ok=True)
    table = _table(folder / "day.csv")
    command = [sys.executable, "-c", _IMPORT, str(table), str(folder / "day")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    table.unlink()
    measured = json.loads(done.stdout.splitlines()[-1])
    return {f"import.day_{name}": round(value, 2) for name, value in measured.items()}


def _table(file: Path) -> Path:
    """Nine million lines of a body that mostly stands."""
    rng = np.random.default_rng(1)
    axes = rng.normal((0.1, 0.97, 0.2), 0.02, (_AT_ONCE, 3))
    tails = [",".join(f"{value:.4f}" for value in row) for row in axes.tolist()]
    with file.open("w") as out:
        out.write("t_s,x (g),y (g),z (g)\n")
        for begin in range(0, HOURS * 3600 * RATE_HZ, _AT_ONCE):
            out.writelines(
                f"{(begin + at) / RATE_HZ:.4f},{tail}\n" for at, tail in enumerate(tails)
            )
    return file
