"""Option tables: what they refuse and how they say it, read by CPython as by MicroPython."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.options import imu, modem, option, pmu, remote, scenario, verbs
from tests.sim.stub import answers

TABLES = {
    "scenario": scenario.OPTIONS,
    "flash": scenario.FLASH,
    "trace": scenario.TRACE,
    "usb": scenario.USB,
    "imu": imu.OPTIONS,
    "pmu": pmu.OPTIONS,
    "modem": modem.OPTIONS,
    "remote": remote.OPTIONS,
    **{one.name: one.arguments for one in verbs.VERBS},
    **{f"modem {one.name}": one.arguments for one in modem.VERBS},
}
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.lists(st.integers(), max_size=3),
    st.lists(st.lists(st.integers(), max_size=3), max_size=2),
    st.dictionaries(st.text(), st.integers(), max_size=1),
)


def refused(table: Any, given: dict[str, Any]) -> str | None:
    try:
        option.check(table, given, "It")
    except option.OptionError as error:
        return str(error)
    return None


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_each_name_stands_once_with_a_meaning_and_a_default_that_it_would_take(
    table: Any,
) -> None:
    assert len({one.name for one in table}) == len(table)
    for one in table:
        assert one.meaning
        assert one.form in option.FORMS or isinstance(one.form, tuple)
        if one.default is not option.NEEDED:
            option.check((one,), {one.name: one.default}, "It")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("no_covrage_ms", "no_coverage_ms"),
        ("no_coverage", "no_coverage_ms"),
        ("rtt", "rtt_ms"),
        ("rmeote", "remote"),
    ],
)
def test_a_mistyped_name_is_refused_with_the_nearest(typed: str, meant: str) -> None:
    with pytest.raises(option.OptionError) as refused:
        option.filled(modem.OPTIONS, {typed: 1}, "The modem")
    assert str(refused.value) == f"The modem knows no option {typed!r}: did you mean {meant!r}?"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"loss": 2}, "has 'loss' as a share from 0 to 1, not 2"),
        ({"rtt_ms": "200"}, "has 'rtt_ms' as milliseconds, not '200'"),
        ({"powered": 1}, "has 'powered' as true or false, not 1"),
        ({"no_coverage_ms": [10, 20]}, "as a list of .from, to. in ms, not .10, 20."),
        ({"no_coverage_ms": [[20, 10]]}, "not ..20, 10.."),
        ({"registration": 4}, "has 'registration' as one of 1, 3, 5, not 4"),
        ([1], "takes options by name"),
    ],
)
def test_a_value_that_an_option_cannot_have_is_refused(given: Any, why: str) -> None:
    with pytest.raises(option.OptionError, match=why):
        option.filled(modem.OPTIONS, given, "The modem")


def test_what_must_be_said_is_asked_for() -> None:
    with pytest.raises(option.OptionError, match="'press' needs 'ms', milliseconds"):
        verbs.parse({"do": "press", "at_ms": 1}, verbs.WHEN)


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ({"do": "press", "ms": 1, "buton": "left"}, "'press' knows no option 'buton': .*'button'"),
        ({"do": "pres", "ms": 1}, "no verb 'pres': did you mean 'press'?"),
        ({"do": "modem", "what": "nois"}, "no verb 'nois': did you mean 'noise'?"),
        ({"do": "modem", "what": "lose", "bite": 1}, "what 'lose' knows no option 'bite'"),
        ({"do": "modem"}, "no verb None"),
        ({"do": "i2c_fault", "kind": "nak"}, "needs either 'for_ms' or 'nth'"),
        ({"do": "i2c_fault", "kind": "nak", "for_ms": 1, "nth": 1}, "needs either"),
        ({"do": "i2c_fault", "kind": "nak", "for_ms": 1, "times": 2}, "'times' only with 'nth'"),
        ({"do": "fifo_garbage", "kind": "word", "bit": 2}, "has no 'bit' with kind 'word'"),
        ({"do": "fifo_garbage", "kind": "word", "word": "ff"}, "word of 14 digits"),
        ({"do": "imu_stuck", "for_ms": 1, "noisy": True}, "'noisy' only with 'mg'"),
        ({"do": "press", "ms": 1, "every_ms": 5}, "'every_ms' above 0 together with 'until_ms'"),
        ({"do": "press", "ms": 1, "every_ms": 0, "until_ms": 9}, "above 0"),
        ({"do": "press", "ms": 1, "at_s": 5}, "no option 'at_s': did you mean"),
        ({"ms": 1}, "What is done to a badge is"),
    ],
)
def test_a_verb_that_cannot_be_is_refused(event: dict[str, Any], why: str) -> None:
    with pytest.raises(option.OptionError, match=why):
        verbs.parse({"at_ms": 1, **event}, verbs.WHEN)


@given(st.sampled_from(sorted(TABLES)), st.text(), VALUES)
def test_whatever_is_given_is_taken_or_refused_in_one_sentence(
    name: str, key: str, value: object
) -> None:
    refusal = refused(TABLES[name], {key: value})
    assert refusal is not None or key in {one.name for one in TABLES[name]}
    assert refusal is None or (refusal.startswith("It ") and refusal[-1] in ".?")


@given(st.sampled_from(modem.OPTIONS), st.data())
def test_the_nearest_is_the_one_that_was_meant_after_one_slip(one: Any, data: Any) -> None:
    known = [other.name for other in modem.OPTIONS]
    at = data.draw(st.integers(0, len(one.name) - 1))
    slip = one.name[:at] + data.draw(st.sampled_from("_zq")) + one.name[at + 1 :]
    assert option.nearest(one.name, known) == one.name
    near = option.nearest(slip, known)
    assert near == one.name or len(one.name) <= 5


def test_micropython_reads_the_same_tables_and_says_the_same() -> None:
    out = answers(
        "import json\n"
        "from sim.options import imu, modem, option, pmu, remote, scenario, verbs\n"
        "said = []\n"
        "for table, given in ((modem.OPTIONS, {'rtt': 1}), (imu.OPTIONS, {'odr_ppm': 1.5})):\n"
        "    try:\n"
        "        option.check(table, given, 'It')\n"
        "    except option.OptionError as error:\n"
        "        said.append(str(error))\n"
        "said.append(option.filled(pmu.OPTIONS, {'percent': 40}, 'It'))\n"
        "said.append(len(verbs.VERBS))\n"
        "print(json.dumps(said))\n"
    )
    assert out == [
        "It knows no option 'rtt': did you mean 'rtt_ms'?",
        "It has 'odr_ppm' as a whole number, also below 0, not 1.5.",
        option.filled(pmu.OPTIONS, {"percent": 40}, "It"),
        len(verbs.VERBS),
    ]
