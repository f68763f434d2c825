"""Break the code in small ways and see whether a test notices: `make mutants`.

    python -m tests.mutants [PLACE ...] [--sample N] [--seed S]

PLACE is a module or folder of targets.FOLDERS. Of each module N changes are drawn by a fixed
seed (0: all of them). Cosmic Ray makes the changes, in a copy of the sources.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tests.house.sources import Sources
from tests.mutants import report, session, targets, tree
from tests.places import REPO


def main(arguments: Sequence[str]) -> int:
    """Print the score by module and who survived; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="tests.mutants", description=__doc__)
    parser.add_argument("places", nargs="*", help="modules or folders; all without one")
    parser.add_argument("--sample", type=int, default=15, help="changes of each module, 0 for all")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    sources = Sources.read()
    modules = targets.modules(sources, chosen.places)
    if not modules:
        parser.error(f"nothing to break there; choose among {', '.join(targets.FOLDERS)}")
    tree.copy()
    scores = []
    for module in modules:
        own, room = targets.tests(sources, module)
        if not passes(own):
            print(f"{module}: left out, since {', '.join(own)} fails unbroken.", flush=True)
            continue
        # By the module too: another module in the list does not change what is drawn.
        drawn = random.Random(f"{chosen.seed} {module}")
        made = session.run(module, own, room, sample=chosen.sample, drawn=drawn)
        scores.append(report.score(module, made))
        print(report.line(scores[-1]), flush=True)
    print(report.table(scores))
    (tree.BUILD / "result.json").write_text(
        json.dumps([asdict(one) for one in scores], indent=1), encoding="utf-8"
    )
    return 0 if report.is_good(scores) else 1


def passes(own: Sequence[str]) -> bool:
    """Whether these tests pass in the copy as it is: else everything would look noticed."""
    command = session.pytest(own)
    done = subprocess.run(
        command, cwd=tree.TREE, env=tree.environment(), capture_output=True, check=False
    )
    return done.returncode == 0


if __name__ == "__main__":
    assert Path.cwd() == REPO, f"run it in {REPO}"
    sys.exit(main(sys.argv[1:]))
