"""The short form of `make fuzz`: what is fed with rubbish bears it, and goes on to hear alarms."""

import pytest

from tests.fuzz import campaign
from tests.fuzz.targets import TARGETS

# Beyond what is gone through systematically.
DRAWN = 1_000_000


@pytest.mark.parametrize("name", TARGETS)
def test_rubbish_is_borne_by(name: str) -> None:
    short = TARGETS[name].short
    bad = campaign.feed(name, 0, short)
    assert bad is None, bad
    # What runs under either interpreter is fed under the badge's as well.
    on_badge = True if TARGETS[name].is_both else None
    bad = campaign.feed(name, DRAWN, short, on_badge=on_badge)
    assert bad is None, bad


def test_what_was_not_borne_once_is_borne() -> None:
    for path in sorted(campaign.CASES.glob("*.txt")):
        bad = campaign.feed_case(path)
        assert bad is None, bad
