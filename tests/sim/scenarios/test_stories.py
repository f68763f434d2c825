"""The scenario library: every story of this folder, lived through in virtual time."""

from pathlib import Path
from typing import Any

import pytest

from tests.sim.scenarios.claims import check, validate
from tests.sim.scenarios.story import Story, stories, tell
from tests.worlds import Site


def _cases() -> list[Any]:
    # A story with a word that nobody knows stops all: it would hold for the wrong reason.
    for story in stories():
        validate(story)
    return [
        pytest.param(
            story,
            id=story.id,
            marks=[pytest.mark.requirement(one) for one in story.requirements],
        )
        for story in stories()
    ]


@pytest.mark.parametrize("story", _cases())
def test_story(story: Story, site: Site, tmp_path: Path) -> None:
    check(tell(story, site, tmp_path))
