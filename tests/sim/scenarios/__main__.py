"""Tell one story: `python -m tests.sim.scenarios threat door` prints what the badge logged."""

import sys
import tempfile
from pathlib import Path

from tests.sim.scenarios.claims import check
from tests.sim.scenarios.story import stories, tell
from tests.worlds import make_site


def main(words: list[str]) -> int:
    """Live through every story whose name has all the words; print its log and its verdict."""
    failed = 0
    for story in stories():
        if not all(word in story.id for word in words):
            continue
        with tempfile.TemporaryDirectory(prefix="nabij-story-") as folder:
            told = tell(story, make_site(Path(folder) / "site"), Path(folder))
        print(f"== {story.id}")
        for line in told.run.console:
            print(f"   {line}")
        try:
            check(told)
        except AssertionError as error:
            failed += 1
            print(f"   FAILS: {error}")
    return int(failed > 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
