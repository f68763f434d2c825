"""What shapes mean: exactly one thing each, SOS above all, and nothing that a body could say."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.core.settings.fields import FIELDS
from badge.core.wearer import gesture_map as table
from badge.core.wearer.button_trial import TRYING
from badge.core.wearer.gesture_map import CONTEXTS, MEANINGS, ROWS, meaning
from badge.core.wearer.gestures import HOLD_MS, LEFT, RIGHT, SHAPES, SOS_GESTURES
from nabij.documents import gesture_docs
from tests.core.wearer.cases import every_case
from tests.core.wearer.fingers import Fingers, shapes
from tests.places import DOCS

ALL_IS_WELL = {
    table.CANCEL,
    table.DURESS_CANCEL,
    table.FALSE_ALARM,
    table.FALSE_ALARM_DURESS,
    table.END,
    table.END_DURESS,
    table.CHECK_IN,
    table.CHECK_IN_DURESS,
    table.EXTEND,
}


def unspoken(context):
    """What a press means that says nothing else: it asks, or answers the badge's question."""
    return table.TRIED if context == TRYING else table.STATUS


@pytest.mark.requirement("R13")
def test_every_shape_means_exactly_one_thing_in_every_context():
    counted: Counter[str] = Counter()
    for sos_gesture, context, shape, button in every_case():
        rows = [
            row
            for row in ROWS
            if sos_gesture in row[0] and row[1:3] == (context, shape) and row[3] in (None, button)
        ]
        assert len(rows) <= 1, (sos_gesture, context, shape, button)
        means = meaning(sos_gesture, context, shape, button)
        assert means in MEANINGS
        counted[means] += 1
    assert set(counted) == set(MEANINGS)


def test_no_row_is_about_something_that_does_not_exist():
    for gestures, context, shape, button, means in ROWS:
        assert set(gestures) <= set(SOS_GESTURES)
        assert context in CONTEXTS
        assert shape in SHAPES
        assert button in (None, LEFT, RIGHT)
        assert means in MEANINGS


def test_sos_is_sos_in_every_context_and_nothing_else_is():
    for sos_gesture, context, shape, button in every_case():
        for began_in in (None, *CONTEXTS):
            means = meaning(sos_gesture, context, shape, button, began_in)
            assert (means == table.SOS) == (shape == "SOS")


@pytest.mark.parametrize("sos_gesture", SOS_GESTURES)
def test_what_the_wearer_may_have_to_say_can_be_said_with_every_sos_gesture(sos_gesture):
    sayable = {
        context: {
            meaning(sos_gesture, context, shape, button)
            for shape in SHAPES
            for button in (LEFT, RIGHT)
        }
        for context in CONTEXTS
    }
    assert {table.CANCEL, table.DURESS_CANCEL} <= sayable["PRE_ALARM"]
    assert {table.FALSE_ALARM, table.FALSE_ALARM_DURESS} <= sayable["ALARM_OPEN"]
    assert {table.EXTEND, table.END, table.END_DURESS} <= sayable["AMBER_RUNNING"]
    assert table.AMBER in sayable["QUIET"]
    assert {table.CHECK_IN, table.CHECK_IN_DURESS} <= sayable["CHECK_IN_DUE"]
    assert table.AMBER in sayable["TRYING"]
    for context, found in sayable.items():
        assert {table.SOS, unspoken(context)} <= found


def test_cancelling_is_only_for_a_pre_alarm_and_asking_only_for_an_open_alarm():
    for sos_gesture, context, shape, button in every_case():
        means = meaning(sos_gesture, context, shape, button)
        if means in (table.CANCEL, table.DURESS_CANCEL):
            assert context == "PRE_ALARM"
        if means in (table.FALSE_ALARM, table.FALSE_ALARM_DURESS):
            assert context == "ALARM_OPEN"


def test_duress_is_the_same_shape_from_the_other_side():
    for sos_gesture, context, shape, _ in every_case():
        left = meaning(sos_gesture, context, shape, LEFT)
        right = meaning(sos_gesture, context, shape, RIGHT)
        assert left not in table.LOOKS_LIKE
        assert table.LOOKS_LIKE.get(right, right) == left


def test_what_could_be_said_under_duress_is_known_by_shape_and_context():
    """Nothing else may depend on the side then, not even whether a button was tried."""
    for sos_gesture, context, shape, _ in every_case():
        means = meaning(sos_gesture, context, shape, RIGHT)
        told = table.tells_sides_apart(sos_gesture, context, shape)
        assert told == (means in table.LOOKS_LIKE)


def test_presses_that_began_before_their_context_never_say_that_all_is_well():
    for sos_gesture, context, shape, button in every_case():
        for began_in in CONTEXTS:
            means = meaning(sos_gesture, context, shape, button, began_in)
            assert began_in == context or means not in ALL_IS_WELL | {table.AMBER}


def test_where_taps_raise_the_sos_no_tap_says_that_all_is_well():
    for sos_gesture, context, shape, button in every_case():
        if sos_gesture in ("double", "triple") and shape.endswith("TAP"):
            assert meaning(sos_gesture, context, shape, button) == unspoken(context)


def test_a_squeeze_that_failed_is_never_taken_for_something_else():
    for sos_gesture, context, _, button in every_case():
        for shape in ("SHORT_SQUEEZE", "PRESS"):
            assert meaning(sos_gesture, context, shape, button) == unspoken(context)


@pytest.mark.parametrize("sos_gesture", SOS_GESTURES)
@settings(deadline=None, max_examples=50)
@given(
    button=st.sampled_from([LEFT, RIGHT]),
    lying=st.lists(st.tuples(st.integers(HOLD_MS, 60_000), st.integers(1, 3000)), max_size=4),
    twitch_ms=st.integers(1, 3000),
)
def test_an_unconscious_body_on_a_button_never_says_that_all_is_well(
    sos_gesture, button, lying, twitch_ms
):
    """It lies on the button, slides off, lies again; the other one may be touched meanwhile."""
    presses, now_ms = [], 100
    for length_ms, pause_ms in lying:
        presses.append((button, now_ms, now_ms + length_ms))
        presses.append((1 - button, now_ms + 1000, now_ms + 1000 + twitch_ms))
        now_ms += length_ms + pause_ms
    for shape in shapes(Fingers(presses).seen(sos_gesture)):
        for context in CONTEXTS:
            for side in (LEFT, RIGHT):
                assert meaning(sos_gesture, context, shape, side) not in ALL_IS_WELL


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.integers(40, 400), st.integers(40, 400)), min_size=3, max_size=30),
    st.data(),
)
def test_a_seizure_on_the_buttons_cancels_nothing(twitches, data):
    presses, now_ms = [], 100
    for length_ms, pause_ms in twitches:
        button = data.draw(st.sampled_from([LEFT, RIGHT]))
        presses.append((button, now_ms, now_ms + length_ms))
        now_ms += length_ms + pause_ms
    for shape in shapes(Fingers(presses).seen()):
        for context in CONTEXTS:
            for side in (LEFT, RIGHT):
                assert meaning("squeeze", context, shape, side) not in ALL_IS_WELL


def test_the_page_has_the_table_as_it_is() -> None:
    """If this fails: python -m nabij.documents.gesture_docs --write docs/gestures.md."""
    page = (DOCS / "gestures.md").read_text(encoding="utf-8")
    assert gesture_docs.with_table(page) == page


def test_every_sos_gesture_can_be_configured() -> None:
    (choices,) = [row[3] for row in FIELDS if row[0] == "sos_gesture"]
    assert choices == SOS_GESTURES
