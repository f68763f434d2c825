"""A badge that is reset while its wearer lies there: nobody takes it for one on a table."""

from typing import Any

import pytest

from nabij.virtual.badge import Trace, run_fast
from tests.sim.lives import incidents, said, scenario
from tests.worlds import Site

# The modelled fall is at 20 s; a pre-alarm of rest lasts until some 150 s after it.
LIVED_MS = 300_000


@pytest.mark.requirement("R03")
@pytest.mark.parametrize(
    "events",
    [
        [{"at_ms": 21_500, "do": "usb_break"}],
        [{"at_ms": 21_500, "do": "brownout"}, {"at_ms": 35_000, "do": "brownout"}],
        [{"at_ms": 21_500, "do": "stall", "ms": 35_000}],
        [{"at_ms": 15_000, "do": "sleep_stuck", "for_ms": 60_000}],
    ],
    ids=["ctrl-c", "brownouts", "watchdog", "sleep"],
)
def test_who_lies_there_after_a_reset_is_an_alarm(
    site: Site, fall: Trace, events: list[dict[str, Any]]
) -> None:
    run = run_fast(scenario(site, LIVED_MS, trace=fall, events=events))
    assert len(run.exit_codes) > 1
    assert not said(run, "wearing", state="not_worn")
    assert incidents(run)
