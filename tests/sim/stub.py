"""Runs a small main.py on the virtual badge in place of the firmware's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nabij.virtual.badge import RESPAWN, Run, Scenario, run_fast
from tests.mp import run_mp


def run_main(folder: Path, source: str, *, keep: bool = False, **scenario: Any) -> Run:
    """Run `source` as main.py in fast mode, 10 s of world time unless said otherwise.

    With `keep` the badge (flash and world time) stays in `folder` for the next call.
    """
    main = folder / "main.py"
    main.write_text(source)
    scenario.setdefault("duration_ms", 10_000)
    respawn = scenario.pop("respawn", RESPAWN)
    where = folder / "badge" if keep else None
    return run_fast(Scenario(main=main, **scenario), folder=where, respawn=respawn)


def answers(script: str) -> Any:
    """Run a script under plain MicroPython and return the JSON of its last line."""
    return json.loads(run_mp(script).splitlines()[-1])
