"""The event journal: bounded, numbered over all starts, damaged stretches passed over."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from nabij.data import traces
from nabij.event_lines import parse_event
from nabij.virtual.badge import POWER_CUT, RESET, Run, Scenario, Trace, run_fast
from nabij.virtual.body_model import Body
from tests.firmware.tasks.usb.console import asked as request
from tests.firmware.tasks.usb.console import keyed, proof
from tests.mp import run_mp
from tests.worlds import Site

SCRIPT = Path(__file__).with_name("mp_event_files.py").read_text()


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    output = run_mp(SCRIPT, args=[str(tmp_path_factory.mktemp("journal"))])
    lines = [line.partition(" ") for line in output.splitlines()]
    return {word: rest if word == "AFTER" else ast.literal_eval(rest) for word, _, rest in lines}


def test_the_journal_is_bounded_and_keeps_the_newest(printed: dict[str, Any]) -> None:
    assert len(printed["SIZES"]) == 2
    assert max(printed["SIZES"]) <= 2048
    numbers = printed["NUMBERS"]
    assert numbers == list(range(numbers[0], 121))
    assert len(numbers) > 20
    assert printed["LAST"] == [
        (119, 60, "60 boot cause=power number=60"),
        (120, 60, "1 armed"),
    ]
    assert printed["PAGE"] == [117, 118]


def test_a_new_badge_has_no_lines_and_each_start_goes_on_with_the_numbers(
    printed: dict[str, Any],
) -> None:
    assert printed["NEW"] == []
    assert printed["ODD"] == [1, 2, 3]


def test_damage_costs_the_damaged_record_only(printed: dict[str, Any]) -> None:
    assert printed["AFTER"] == "121 1 after damage 200"


def asked(at_ms: float, number: int, start: int = 0) -> dict[str, Any]:
    text = "?" + json.dumps({"id": number, "do": "log", "from": start})
    return {"at_ms": at_ms, "do": "usb", "text": text}


def journal(run: Run) -> list[str]:
    return [
        text
        for line in run.console
        if line.startswith("!")
        for _, _, text in json.loads(line[1:])["ok"].get("records", ())
    ]


def test_starts_are_kept_with_their_cause_over_a_power_cut(site: Site, tmp_path: Path) -> None:
    plan: list[dict[str, Any]] = [{"at_ms": 15_000, "do": "power_cut"}]
    scenario = Scenario(duration_ms=40_000, provision=site.provision, events=plan)
    assert run_fast(scenario, folder=tmp_path).exit_codes == [POWER_CUT]
    again = Scenario(
        duration_ms=40_000,
        provision=site.provision,
        events=[asked(35_000, 1), asked(36_000, 2, 5)],
    )
    again = keyed(site, again, 34_000, folder=tmp_path)
    kept = [parse_event("# " + text) for text in journal(run_fast(again, folder=tmp_path))]
    causes = [event.fields["cause"] for event in kept if event and event.what == "boot"]
    assert causes[:2] == ["power", "power"]


def test_a_suppressed_alarm_is_kept_with_what_spoke_against_it(site: Site, tmp_path: Path) -> None:
    person = Body()
    moves = person.walking(20.0)
    moves[1500:1503] = (0, 0, 3500)
    trace = traces.write_sim_trace(tmp_path / "bump", moves)
    plan = [asked(38_000, 1), asked(38_500, 2, 4)]
    scenario = Scenario(
        duration_ms=40_000, provision=site.provision, trace=Trace(trace), events=plan
    )
    run = run_fast(keyed(site, scenario, 37_000))
    kept = [parse_event("# " + text) for text in journal(run)]
    (rejected, *_) = [event for event in kept if event and event.what == "motion.rejected"]
    assert int(rejected.fields["tilt_deg"]) < 45
    assert int(rejected.fields["points"]) < 0


def test_a_start_that_was_asked_for_says_so_in_the_next(site: Site) -> None:
    """The lines of the last seconds are written before the badge goes."""
    plan = [
        request(3_000, 1, "hello"),
        request(3_500, 2, "authorise", mac=proof(site)),
        request(4_000, 3, "reset"),
        asked(8_000, 4),
    ]
    scenario = Scenario(duration_ms=10_000, provision=site.provision, events=plan)
    run = run_fast(keyed(site, scenario, 7_500))
    assert run.exit_codes == [RESET, 0]
    kept = [parse_event("# " + text) for text in journal(run)]
    told = [event.what for event in kept if event]
    at = told.index("restart")
    assert "boot" in told[at:]


def test_the_log_holds_what_happened_just_before_it_was_asked_for(
    site: Site, tmp_path: Path
) -> None:
    plan = [{"at_ms": 33_000, "do": "press", "ms": 1_700}, *(asked(36_000, n) for n in (1, 2))]
    scenario = Scenario(duration_ms=38_000, provision=site.provision, events=plan)
    run = run_fast(keyed(site, scenario, 35_000))
    kept = [parse_event("# " + text) for text in journal(run)]
    assert "alarm.durable" in [event.what for event in kept if event]
