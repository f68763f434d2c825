"""Break the code in small ways and see whether a test notices: `make mutants`.

    python -m tests.mutants [PLACE ...] [--sample N] [--seed S] [--near | --far]

PLACE is a module or folder of targets.FOLDERS. Of each module N changes are drawn by a fixed
seed (0: all of them). Cosmic Ray makes the changes, in a copy of the sources. Each is tried by
the module's own tests and by those beside them; with --near by its own alone, which is minutes
faster for each change that they miss; with --far by all of their room too.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from tests.house.sources import Sources
from tests.mutants import asking, report, session, targets, tree
from tests.mutants.asking import Asker
from tests.places import REPO


def main(arguments: Sequence[str]) -> int:
    """Print the score by module and who survived; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="tests.mutants", description=__doc__)
    parser.add_argument("places", nargs="*", help="modules or folders; all without one")
    parser.add_argument("--sample", type=int, default=15, help="changes of each module, 0 for all")
    parser.add_argument("--seed", type=int, default=1)
    reach = parser.add_mutually_exclusive_group()
    reach.add_argument("--near", action="store_true", help="ask the module's own tests alone")
    reach.add_argument("--far", action="store_true", help="ask all tests of the room at last")
    chosen = parser.parse_args(arguments)
    sources = Sources.read()
    modules = targets.modules(sources, chosen.places)
    if not modules:
        parser.error(f"nothing to break there; choose among {', '.join(targets.FOLDERS)}")
    tree.copy()
    scores, left_out = [], False
    # One for all of them: what it has loaded it need not load again.
    with asking.start() as process:
        for module in modules:
            tests = targets.tests(sources, module)
            if chosen.near:
                tests = replace(tests, beside=[])
            asker = Asker(tests, chosen.far, process)
            if not asker.passes():
                own = ", ".join(tests.own)
                print(f"{module}: left out, since {own} fails unbroken.", flush=True)
                left_out = True
                continue
            # By the module too: another module in the list does not change what is drawn.
            drawn = random.Random(f"{chosen.seed} {module}")
            made = session.run(module, asker, sample=chosen.sample, drawn=drawn)
            scores.append(report.score(module, made))
            print(report.line(scores[-1]), *report.survivors(scores[-1:]), sep="\n", flush=True)
            result = json.dumps([asdict(one) for one in scores], indent=1)
            (tree.BUILD / "result.json").write_text(result, encoding="utf-8")
    print(report.table(scores))
    return 0 if report.is_good(scores) and not left_out else 1


if __name__ == "__main__":
    assert Path.cwd() == REPO, f"run it in {REPO}"
    sys.exit(main(sys.argv[1:]))
