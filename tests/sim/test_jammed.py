"""A network that is gone at once, or jammed, in the middle of a shift."""

from pathlib import Path

import pytest

from tests.sim.lives import felt_at, incidents, lived, on, said, squeeze, tap, told
from tests.worlds import Site

GONE_MS = 120_000
KEEPALIVE_S = 60


@pytest.mark.requirement("R10")
@pytest.mark.parametrize(
    ("profile", "lost_s", "again_s"), [("discreet", 120, 900), ("pna11", 60, 300)]
)
def test_a_network_that_is_gone_in_a_shift_is_told_as_the_profile_does(
    site: Site, tmp_path: Path, profile: str, lost_s: int, again_s: int
) -> None:
    """By the defaults: felt, and under `pna11` heard and seen; an alarm meanwhile is kept."""
    back_ms = GONE_MS + (2 * KEEPALIVE_S + lost_s + again_s + 60) * 1000
    press_ms = back_ms - 50_000
    # Under pna11 the test of the shift asks for the buttons.
    tries = [*tap(50_000), *tap(52_000, "right")] if profile == "pna11" else []
    run = lived(
        site,
        tmp_path,
        back_ms + 90_000,
        [*tries, squeeze(press_ms)],
        settings={"profile": profile, "shift_test": True},
        modem={"no_coverage_ms": [[GONE_MS, back_ms]]},
    )
    assert told(run, "test")
    first_ms, second_ms = (at_ms for at_ms in felt_at(run, "NO_NETWORK") if at_ms < press_ms)
    # The session is missed after two keep-alives at most.
    assert lost_s * 1000 <= first_ms - GONE_MS <= (2 * KEEPALIVE_S + lost_s + 5) * 1000
    assert second_ms - first_ms == pytest.approx(again_s * 1000, abs=3000)
    codes = {event.fields["code"] for event in said(run, "link.down")}
    assert codes & {"modem.no_network", "modem.searching"}
    late_ms = felt_at(run, "NOT_DELIVERED")[0]
    assert late_ms - press_ms < 35_000
    assert len(incidents(run)) == 1
    for time_ms in (first_ms, second_ms, late_ms):
        assert on(run, "motor", time_ms, time_ms + 3000)
        for pin in ("buzzer", "led"):
            assert bool(on(run, pin, time_ms, time_ms + 3000)) == (profile == "pna11")
