"""A drill says passed only when it was: the test of a shift, asked of a badge at fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from nabij.data.traces import write_sim_trace
from nabij.virtual.badge import Trace, run_fast
from nabij.virtual.body_model import Body
from sim.options.option import OptionError
from tests.sim.faults import drill
from tests.sim.faults.drill import Drill
from tests.sim.lives import at, said, scenario, tap, told
from tests.worlds import Site

DRILLS = list(drill.drills())
SETTINGS = {"shift_test": True, "shift_buttons": False}


@pytest.mark.requirement("R11")
@pytest.mark.parametrize("one", DRILLS, ids=lambda one: one.id)
def test_the_test_of_a_shift_says_what_is_so(site: Site, tmp_path: Path, one: Drill) -> None:
    found, run = drill.live(one, site, tmp_path)
    assert found == one.expected
    assert drill.arrived_before_passed(run)


def test_only_a_sound_badge_passes_without_another_word() -> None:
    """What each row may say: passed and nothing more where what was at fault is over."""
    over = {
        *("none", "the network tells no time", "no coverage until 30 s", "brownout in the test"),
        "the modem takes no command from 10.3 s on",
    }
    for one in DRILLS:
        if one.expected.felt == ("TEST_PASSED",):
            is_brief = "in its self-test" in one.id or "as the test is sent" in one.id
            assert is_brief or one.id in over
            assert one.expected.answer == "PROTECTED"


def test_a_drill_that_cannot_be_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "drill.toml").write_text('[[drill]]\nname = "x"\nwhem = []\n')
    monkeypatch.setattr(drill, "FOLDER", tmp_path)
    with pytest.raises(OptionError, match="whem"):
        list(drill.drills())


@pytest.mark.requirement("R07")
@pytest.mark.requirement("R11")
def test_a_sensor_that_failed_its_self_test_is_no_sound_one_after_a_reset(
    site: Site, tmp_path: Path
) -> None:
    """The shift goes on with a test that was passed: the sensor's part in it is done again."""
    stands = write_sim_trace(tmp_path / "stands", Body().standing(30.0))
    events = [at(20_000, "brownout"), *tap(50_000)]
    run = run_fast(
        scenario(
            site,
            54_000,
            provision=site.provision_with(tmp_path / "provision", SETTINGS),
            imu={"self_test_mg": [400, 400, 20]},
            events=events,
            trace=Trace(stands),
        )
    )
    assert len(told(run, "test")) == 1
    assert len(said(run, "imu.self_test")) >= 4
    (answer,) = said(run, "protected")
    assert answer.fields["why"] == "motion"


@pytest.mark.requirement("R07")
@pytest.mark.requirement("R11")
def test_a_sensor_that_works_again_is_sound_within_a_quarter_of_an_hour(
    site: Site, tmp_path: Path
) -> None:
    """One outage in the test made the rest of the shift a limited one."""
    walks = write_sim_trace(tmp_path / "walks", Body().walking(30.0))
    outage = at(10_100, "i2c_fault", kind="nak", chip="imu", for_ms=30_000)
    run = run_fast(
        scenario(
            site,
            960_000,
            provision=site.provision_with(tmp_path / "provision", SETTINGS),
            events=[outage, *tap(60_000), *tap(950_000)],
            trace=Trace(walks, after="loop"),
        )
    )
    assert [event.fields["verdict"] for event in said(run, "protected")] == ["limited", "yes"]
    assert len(told(run, "test")) == 1
