"""The judge of the weather can fail: each rule finds what is spoilt in a life that was well."""

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from nabij.virtual.badge import WATCHDOG, Line, Run
from tests.sim import weather
from tests.sim.weather_record import Weather
from tests.worlds import Site

Life = tuple[Weather, Run]


@pytest.fixture(scope="module")
def life(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Life:
    """A discreet one with a squeeze that was called false under duress, and answered."""
    return _first(site, tmp_path_factory, {"a false alarm", "duress"})


@pytest.fixture(scope="module")
def calm(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Life:
    """A discreet one with a squeeze and nothing else of its wearer's."""
    return _first(site, tmp_path_factory, set())


def _first(site: Site, folders: pytest.TempPathFactory, words: set[str]) -> Life:
    """The first seed that was well, with these words of what its wearer does."""
    for seed in range(1, 1_000):
        drawn = weather.drawn(seed)
        is_plain = drawn.wearer.words == words and drawn.wearer.squeezes == 1
        is_whole = not {"the badge starts again", "hours without coverage"} & drawn.words
        if is_plain and is_whole and drawn.settings["profile"] == "discreet":
            run = weather.lived(site, folders.mktemp("life"), drawn)
            if any("state=RECEIVED" in line.text for line in run.lines):
                return drawn, run
    raise AssertionError("no such life is drawn")


def without(run: Run, *words: str) -> Run:
    """The run without lines that have all of these words."""
    return Run([one for one in run.lines if not _has(one, words)], run.exit_codes)


def doubled(run: Run, *words: str) -> Run:
    """The run in which each such line comes twice."""
    lines = [one for one in run.lines for _ in range(1 + _has(one, words))]
    return Run(lines, run.exit_codes)


def with_fact(run: Run, **fact: object) -> Run:
    return Run([*run.lines, Line("@ " + json.dumps(fact), 0.0, {"t_ms": 1.0, **fact})], [0])


def with_text(run: Run, text: str) -> Run:
    return Run([Line(text, 0.0), *run.lines], run.exit_codes)


def _has(line: Line, words: tuple[str, ...]) -> bool:
    return all(word in line.text for word in words)


def test_a_life_that_was_well_is_found_so(life: Life) -> None:
    assert weather.faults(*life) == []


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        (lambda run: Run(run.lines, [WATCHDOG, 0]), "starts ended with"),
        (lambda run: with_text(run, "# 1 supervisor.crash task=uplink"), "a task died"),
        (lambda run: with_fact(run, irq="raised", error="x"), "interrupt handler"),
        (lambda run: without(run, "alarm.durable", "state=RAISED"), "1 squeezes raised []"),
        (lambda run: without(run, '"remote": "incident"'), "lost: "),
        (lambda run: doubled(run, '"remote": "incident"'), "more than one incident"),
        (
            lambda run: with_fact(run, remote="incident", badge="nb-0001", boot=1, seq=77),
            "nobody raised",
        ),
        (lambda run: with_fact(run, caller="told", state=1), "a colleague was told"),
        (lambda run: without(run, '"flags": '), "FALSE_ALARM of "),
        (lambda run: without(run, "# ", "haptic"), "and not felt"),
        (
            lambda run: with_text(run, "# 1 alarm.status boot=1 kind=sos seq=1 state=RECEIVED"),
            "of which the receiver has",
        ),
        (lambda run: with_text(run, "# 1 haptic pattern=RECEIVED"), "and not heard of"),
        (lambda run: with_text(run, "# 1 haptic pattern=TEST_PASSED"), "had a test"),
        (lambda run: with_text(run, "# 1 protected verdict=yes why=-"), "protected at 1 ms"),
        (lambda run: with_fact(run, led=1), "seen or heard"),
        (lambda run: with_fact(run, buzzer=1), "seen or heard"),
    ],
)
def test_what_is_wrong_is_found(life: Life, spoilt: Callable[[Run], Run], why: str) -> None:
    drawn, run = life
    found = weather.faults(drawn, spoilt(run))
    assert any(why in one for one in found), found


def test_a_hand_that_was_not_forced_is_not_told_so(life: Life) -> None:
    drawn, run = life
    free = replace(drawn, wearer=replace(drawn.wearer, is_forced=False))
    assert any("forced: False" in why for why in weather.faults(free, run))


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("alarm.status",), "no receipt reached the badge"),
        (("# ", "haptic"), "and not felt"),
        (("# ", "alarm.st"), "nothing was known"),
    ],
)
def test_whoever_is_not_told_of_a_receipt_is_found(
    calm: Life, words: tuple[str, ...], why: str
) -> None:
    drawn, run = calm
    assert weather.faults(drawn, run) == []
    assert any(why in one for one in weather.faults(drawn, without(run, *words)))


@pytest.mark.parametrize(("after_ms", "is_excused"), [(100, True), (-100, False), (10_000, False)])
def test_only_a_start_in_between_excuses_that_it_was_not_felt(
    calm: Life, after_ms: int, is_excused: bool
) -> None:
    drawn, run = calm
    # What is heard after the start has to be felt.
    numb = without(without(run, "# ", "haptic"), "alarm.status")
    [why] = [one for one in weather.faults(drawn, numb) if "and not felt" in one]
    heard_ms = max(float(ms) for ms in re.findall(r"\((\d+)(?=, ')", why))
    start = Line("@ {}", 0.0, {"t_ms": heard_ms + after_ms, "boot": 1})
    cut = Run([*numb.lines, start], numb.exit_codes)
    assert any("and not felt" in one for one in weather.faults(drawn, cut)) is not is_excused
