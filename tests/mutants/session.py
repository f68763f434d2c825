"""One module's changes, made and tried by Cosmic Ray."""

from __future__ import annotations

import json
import random
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkItem, WorkResult

from tests.mutants import tree
from tests.mutants.report import Change

_COSMIC_RAY: Final = Path(sys.executable).with_name("cosmic-ray")
_TIMEOUT_S: Final = 300.0
# Of small numbers and names `is` says the same as `==`.
_SAME: Final = ("_Eq_Is", "_NotEq_IsNot", "_Is_Eq", "_IsNot_NotEq")


def pytest(paths: Sequence[str]) -> list[str]:
    """The command that runs these tests, and ends at the first that fails."""
    return [
        str(tree.python()),
        *("-m", "pytest", "-q", "-x", "--no-header", "-p", "no:cacheprovider", "-p", "no:xdist"),
        *("-p", "tests.mutants.profile", "-m", "not soak and not slow", *paths),
    ]


def run(
    module: str, own: Sequence[str], room: str, *, sample: int, drawn: random.Random
) -> list[Change]:
    """Make `sample` changes of a module, one after the other, each tried by its tests.

    What its own tests do not notice is tried by all tests of the room.
    """
    folder = tree.BUILD / "sessions"
    folder.mkdir(exist_ok=True)
    name = module.removesuffix(".py").replace("/", ".")
    config, database = folder / f"{name}.toml", folder / f"{name}.sqlite"
    database.unlink(missing_ok=True)
    both = f"{shlex.join(pytest(own))} && {shlex.join(pytest([room]))}"
    config.write_text(_config(module, f"sh -c {shlex.quote(both)}"), encoding="utf-8")
    _cosmic_ray("init", config, database)
    with use_db(str(database), WorkDB.Mode.open) as work:
        # In the order of the file: the ids are drawn anew each time.
        found = sorted(work.work_items, key=_place)
        for item in found:
            if item.mutations[0].operator_name.endswith(_SAME):
                work.set_result(item.job_id, WorkResult(WorkerOutcome.SKIPPED))
        found = [one for one in found if not one.mutations[0].operator_name.endswith(_SAME)]
        for item in _left_out(found, sample, drawn) if sample else ():
            work.set_result(item.job_id, WorkResult(WorkerOutcome.SKIPPED))
    _cosmic_ray("exec", config, database)
    with use_db(str(database), WorkDB.Mode.open) as work:
        items = {item.job_id: item for item in work.work_items}
        return [
            _change(items[job], result)
            for job, result in work.results
            if result.worker_outcome != WorkerOutcome.SKIPPED
        ]


def _left_out(found: Sequence[WorkItem], sample: int, drawn: random.Random) -> list[WorkItem]:
    """Those not drawn: of each place in the code at most one kind of change is."""
    shuffled = list(found)
    drawn.shuffle(shuffled)
    taken: set[object] = set()
    left = []
    for item in shuffled:
        place = item.mutations[0].start_pos
        if len(taken) < sample and place not in taken:
            taken.add(place)
        else:
            left.append(item)
    return left


def _place(item: WorkItem) -> tuple[object, ...]:
    [made] = item.mutations
    arguments = json.dumps(made.operator_args, sort_keys=True)
    return (made.start_pos, made.operator_name, made.occurrence, arguments)


def _change(item: WorkItem, result: WorkResult) -> Change:
    [made] = item.mutations
    noticed = result.test_outcome != TestOutcome.SURVIVED
    operator = made.operator_name.rpartition("/")[2]
    return Change(operator, made.start_pos[0], result.diff or "", noticed)


def _config(module: str, command: str) -> str:
    values = {"module-path": module, "timeout": _TIMEOUT_S, "test-command": command}
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    head = ["[cosmic-ray]", *lines, "excluded-modules = []"]
    return "\n".join([*head, "[cosmic-ray.distributor]", 'name = "local"', ""])


def _cosmic_ray(verb: str, *files: Path) -> None:
    command = [str(_COSMIC_RAY), verb, *map(str, files)]
    subprocess.run(command, cwd=tree.TREE, env=tree.environment(), check=True)
