"""A story with a word that nobody knows would hold for the wrong reason: it is refused."""

from typing import Any

import pytest

from sim.options.option import OptionError
from tests.sim.scenarios.claims import validate
from tests.sim.scenarios.story import read


def _story(**changed: Any) -> dict[str, Any]:
    story: dict[str, Any] = {
        "name": "a squeeze",
        "given": {"lasts_s": 30},
        "when": [{"at_s": 20, "do": "press", "ms": 1700}],
        "then": [{"raised": "sos", "after_s": 21}],
    }
    return {**story, **changed}


def _given(**more: Any) -> dict[str, Any]:
    return _story(given={"lasts_s": 30, **more})


def _when(**event: Any) -> dict[str, Any]:
    return _story(when=[{"at_s": 20, "do": "press", "ms": 1, **event}])


def test_a_story_with_known_words_is_read() -> None:
    validate(read("made", _story()))


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (_story(givn={}), "no option 'givn': did you mean 'given'?"),
        (_given(motoin=[]), "no option 'motoin': did you mean 'motion'?"),
        (_given(motion=[["walkign", 3]]), "'walkign': did you mean 'walking'?"),
        (_when(buton="left"), "no option 'buton': did you mean 'button'?"),
        (_when(do="pres"), "no verb 'pres': did you mean 'press'?"),
        (_when(at_ms=20_000), "counts in seconds: at_s, not at_ms"),
        (_when(at_s=31), "ends at 30 s, before its 'press' comes"),
        (_when(for_good=True), "only a power_cut is"),
        (_story(when=[{"do": "press", "ms": 1}]), "does not say when"),
    ],
)
def test_what_is_given_and_what_happens_are_known_words(entry: Any, why: str) -> None:
    with pytest.raises(OptionError, match=why):
        read("made", entry)


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        ({"rased": "sos"}, "is none: did you mean 'raised'?"),
        ({"raised": "soss"}, "names 'soss': did you mean 'sos'?"),
        ({"raised": "sos", "befor_s": 2}, "no option 'befor_s': did you mean 'before_s'?"),
        ({"not_felt": ["ARMD"]}, "names 'ARMD': did you mean 'ARMED'?"),
        ({"not_logged": "supervisor.crsh"}, "did you mean 'supervisor.crash'?"),
        ({"not_logged": "alarm.resumed", "knd": "sos"}, "names 'knd': did you mean 'kind'?"),
        ({"no_alarm": False}, "names False"),
        ({"felt_within_s": 1, "pattern": "ARMED"}, "needs 'from_s'"),
    ],
)
def test_a_claim_is_one_that_can_fail(claim: Any, why: str) -> None:
    with pytest.raises(OptionError, match=why):
        validate(read("made", _story(then=[claim])))
