"""Tell one story: `python -m tests.sim.scenarios threat door` prints what the badge logged."""

import sys
import tempfile
from pathlib import Path

from tests.sim.scenarios.claims import check
from tests.sim.scenarios.story import stories, tell
from tests.worlds import make_site


def main(words: list[str]) -> int:
    """Live through every story whose name has all the words; print its log and its verdict."""
    chosen = [story for story in stories() if all(word in story.id for word in words)]
    if not chosen:
        print(f"No story has {' '.join(words)!r} in its name: take words of a name in *.toml.")
        return 2
    failed = 0
    for story in chosen:
        print(f"== {story.id}")
        with tempfile.TemporaryDirectory(prefix="nabij-story-") as folder:
            told = tell(story, make_site(Path(folder) / "site"), Path(folder))
            for line in told.run.console:
                print(f"   {line}")
            try:
                check(told)
            except AssertionError as error:
                failed += 1
                print(f"   FAILS: {error}")
            else:
                print("   holds")
    return int(failed > 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
