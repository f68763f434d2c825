"""Trying the buttons at the start of a shift: what counts, what is asked, never a false SOS."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.core.alarm.book import QUIET
from badge.core.settings.config import defaults
from badge.core.ticks import PERIOD, add
from badge.core.wearer import gesture_map
from badge.core.wearer.button_trial import (
    ASK,
    DONE,
    GIVEN_UP,
    INTERRUPTED,
    NOTHING,
    TRYING,
    ButtonTrial,
)
from badge.core.wearer.gesture_map import CONTEXTS, meaning
from badge.core.wearer.gestures import (
    CRISP_MS,
    GAP_MS,
    LEAN_MS,
    LEFT,
    RIGHT,
    SOS_GESTURES,
    STUCK,
    Gestures,
)
from tests.core.wearer.cases import every_case
from tests.core.wearer.fingers import DEBOUNCE_MS, Fingers
from tests.core.wearer.fingers import HOLD_MS as SOS_HOLD_MS

BUTTONS = st.sampled_from([LEFT, RIGHT])
BOUNCE = st.lists(st.integers(0, 12), max_size=4)
TAP_MS = st.integers(DEBOUNCE_MS + 60, CRISP_MS - 30)
LEFT_ONLY, RIGHT_ONLY, BOTH = (True, False), (False, True), (True, True)


def tried(seen):
    """Which buttons all the shapes together say were tried."""
    return tuple(any(one.tried[button] for one in seen) for button in (LEFT, RIGHT))


@st.composite
def tries(draw):
    """Each button once, in any order, one after the other or at the same time."""
    first = draw(BUTTONS)
    down_ms = draw(st.integers(0, 3000))
    return [
        (first, 100, 100 + draw(TAP_MS)),
        (1 - first, 100 + down_ms, 100 + down_ms + draw(TAP_MS)),
    ]


@pytest.mark.requirement("R11")
@pytest.mark.requirement("R13")
@pytest.mark.parametrize("sos_gesture", SOS_GESTURES)
@settings(deadline=None, max_examples=60)
@given(presses=tries(), bounce_ms=BOUNCE, stall=st.tuples(st.integers(0, 99), st.integers(1, 110)))
def test_trying_each_button_once_is_never_an_sos_and_always_counts(
    sos_gesture, presses, bounce_ms, stall
):
    """Whatever the order, the pause and the bounce, and though a stall hides how it begins.

    The gate lets none begin in a press; if one did, bounce in it might be taken for a second tap.
    """
    for stalls in ([], [(stall[0], sum(stall), True)]):
        seen = Fingers(presses, bounce_ms, stalls).seen(sos_gesture)
        assert tried(seen) == BOTH
        for one in seen:
            assert one.shape != "SOS"
            assert meaning(sos_gesture, TRYING, one.shape, one.button, TRYING) == gesture_map.TRIED


@pytest.mark.parametrize("sos_gesture", ["double", "triple"])
@settings(deadline=None, max_examples=60)
@given(
    taps=st.lists(
        st.tuples(BUTTONS, TAP_MS, st.integers(GAP_MS + DEBOUNCE_MS, 5000)), min_size=1, max_size=8
    )
)
def test_tries_with_a_pause_between_them_never_add_up_to_an_sos(sos_gesture, taps):
    """Again and again: because no tick was felt, or the badge has asked again."""
    presses, now_ms = [], 100
    for button, length_ms, pause_ms in taps:
        presses.append((button, now_ms, now_ms + length_ms))
        now_ms += length_ms + pause_ms
    seen = Fingers(presses).seen(sos_gesture)
    assert {one.shape for one in seen} == {"TAP"}
    assert tried(seen) == tuple(any(tap[0] == button for tap in taps) for button in (LEFT, RIGHT))


@pytest.mark.parametrize(("sos_gesture", "count"), [("double", 2), ("triple", 3)])
@settings(deadline=None, max_examples=60)
@given(
    first=BUTTONS,
    button=BUTTONS,
    pauses_ms=st.lists(st.integers(120, GAP_MS - 30), min_size=3, max_size=3),
    length_ms=st.integers(60, 300),
)
def test_a_tap_that_tried_a_button_is_not_missing_from_the_sos(
    sos_gesture, count, first, button, pauses_ms, length_ms
):
    """Tried one button, then alarmed by taps, all in one burst: told with its last tap."""
    presses, now_ms = [(first, 100, 100 + length_ms)], 100 + length_ms
    more = count - 1 if first == button else count
    for pause_ms in pauses_ms[:more]:
        now_ms += pause_ms
        presses.append((button, now_ms, now_ms + length_ms))
        now_ms += length_ms
    (sos,) = Fingers(presses).seen(sos_gesture)
    assert sos.shape == "SOS"
    assert sos.at_ms == presses[-1][1] + DEBOUNCE_MS
    assert sos.tried[button]
    for began_in in (None, *CONTEXTS):
        assert meaning(sos_gesture, TRYING, sos.shape, sos.button, began_in) == gesture_map.SOS


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(["squeeze", "double", "triple"]),
    st.lists(
        st.tuples(st.integers(LEAN_MS, 90_000), st.integers(1, 3000)), min_size=1, max_size=3
    ),
)
def test_a_button_that_a_body_lies_on_was_not_tried(sos_gesture, lying):
    """Where a hold is the SOS it is one, and counts."""
    presses, now_ms = [], 100
    for length_ms, pause_ms in lying:
        presses.append((LEFT, now_ms, now_ms + length_ms))
        now_ms += length_ms + pause_ms
    assert tried(Fingers(presses).seen(sos_gesture)) == (False, False)


@pytest.mark.parametrize("stuck", [LEFT, RIGHT])
def test_a_stuck_button_was_not_tried_though_the_other_one_was(stuck):
    presses = [(stuck, 100, 400_000), (1 - stuck, 100_000, 100_200), (1 - stuck, 200_000, 202_000)]
    seen = Fingers(presses).seen()
    assert [one.shape for one in seen] == ["LEAN", STUCK, "SHORT_SQUEEZE", "SOS"]
    assert tried(seen) == (LEFT_ONLY if stuck == RIGHT else RIGHT_ONLY)


def test_a_button_that_is_down_at_the_start_was_not_tried():
    gestures = Gestures("squeeze", SOS_HOLD_MS, DEBOUNCE_MS)
    gestures.found_closed(LEFT, 5)
    gestures.edge(LEFT, False, 1000)
    assert gestures.poll(5000) is None
    gestures.edge(RIGHT, True, 6000)
    gestures.edge(RIGHT, False, 6200)
    assert gestures.poll(9000) == ("TAP", RIGHT)
    assert gestures.tried == RIGHT_ONLY


@settings(deadline=None)
@given(st.integers(SOS_HOLD_MS + 50, 20_000), st.integers(0, 1000))
def test_a_squeeze_counts_for_both_buttons_however_long(length_ms, apart_ms):
    presses = [(LEFT, 100, 1200 + length_ms), (RIGHT, 100 + apart_ms, 1200 + length_ms)]
    (sos,) = Fingers(presses).seen()
    assert (sos.shape, sos.tried) == ("SOS", BOTH)


@pytest.mark.parametrize("sos_gesture", SOS_GESTURES)
def test_while_the_badge_asks_every_press_still_means_what_it_would_but_no_question(sos_gesture):
    """A question could only be answered with what the question of the badge is about."""
    for _, _, shape, button in every_case():
        quiet = meaning(sos_gesture, QUIET, shape, button)
        asked = meaning(sos_gesture, TRYING, shape, button, TRYING)
        if quiet in (gesture_map.STATUS, gesture_map.NOTHING_BUT_FELT):
            assert asked == gesture_map.TRIED
        else:
            assert asked == quiet


@pytest.mark.parametrize("sos_gesture", SOS_GESTURES)
def test_a_press_that_began_before_the_question_or_ends_after_it_is_no_answer(sos_gesture):
    for other in CONTEXTS:
        for shape in ("TAP", "ROLL", "PRESS", "SHORT_SQUEEZE"):
            if other != TRYING:
                for began_in, ended_in in ((other, TRYING), (TRYING, other)):
                    means = meaning(sos_gesture, ended_in, shape, LEFT, began_in)
                    assert means == gesture_map.STATUS


def trial(*, wanted=True):
    config = defaults()
    config.shift_buttons = wanted
    made = ButtonTrial(config)
    made.start()
    return made


def step(made, now_ms, *, is_due=True, is_quiet=True, is_pressed=False):
    return made.step(now_ms, is_due=is_due, is_quiet=is_quiet, is_pressed=is_pressed)


@given(st.integers(0, PERIOD - 1))
def test_the_wearer_is_asked_twice_within_half_a_minute_and_then_no_more(now_ms):
    made = trial()
    looks_ms = [*range(0, 60_000, 100), *range(60_000, 3_600_000, 10_000)]
    said = [(ms, step(made, add(now_ms, ms))) for ms in looks_ms]
    assert [one for one in said if one[1] != NOTHING] == [
        (0, ASK),
        (15_000, ASK),
        (30_000, GIVEN_UP),
    ]
    assert made.missing() == ["left", "right"]
    assert made.tried(BOTH)
    assert made.missing() == []
    assert not made.tried(BOTH)


@given(st.permutations([LEFT_ONLY, RIGHT_ONLY]), st.integers(1, 29_000), st.booleans())
def test_the_question_is_answered_once_each_button_was_tried_in_any_order(
    order, at_ms, is_pressed
):
    made = trial()
    assert step(made, 0) == ASK
    made.tried(order[0])
    assert step(made, at_ms) in (NOTHING, ASK)
    made.tried(order[1])
    if is_pressed:
        assert step(made, at_ms, is_pressed=True) == NOTHING
    assert step(made, at_ms) == DONE
    assert step(made, at_ms + 1000) == NOTHING


def test_who_has_tried_the_buttons_already_is_not_asked():
    made = trial()
    made.tried(LEFT_ONLY)
    made.tried(RIGHT_ONLY)
    assert step(made, 0) == NOTHING
    made.start()
    assert step(made, 1000) == ASK


def test_where_it_is_switched_off_nothing_is_asked_and_nothing_is_missing():
    made = trial(wanted=False)
    assert step(made, 0) == NOTHING
    assert made.missing() == []


@given(st.integers(0, PERIOD - 1), st.integers(0, 3_600_000))
def test_something_more_important_ends_the_question_which_comes_again_when_all_is_calm(at, ms):
    """Not at once: whoever has cancelled an alarm under threat needs the badge to be still."""
    made = trial()
    assert step(made, at) == ASK
    made.tried(RIGHT_ONLY)
    assert step(made, add(at, 100), is_quiet=False) == INTERRUPTED
    over_ms = add(at, 200 + ms)
    assert step(made, over_ms, is_quiet=False) == NOTHING
    assert made.context(QUIET) == QUIET
    assert step(made, add(over_ms, 29_999)) == NOTHING
    assert step(made, add(over_ms, 30_000)) == ASK
    assert made.missing() == ["left"]


def test_it_comes_again_also_with_a_look_later_than_the_calm():
    made = trial()
    assert step(made, 0, is_quiet=False) == NOTHING
    assert step(made, 30_500) == ASK


def test_it_is_asked_as_soon_as_it_is_due():
    made = trial()
    assert step(made, 0, is_due=False) == NOTHING
    assert step(made, 100) == ASK
    assert step(made, 200, is_due=False) == INTERRUPTED
    assert step(made, 300) == ASK


@given(st.lists(st.tuples(st.integers(1, 20_000), st.booleans(), st.booleans()), max_size=40))
def test_while_a_press_is_under_way_the_question_neither_begins_nor_ends(looks):
    """But it does end: 36 s after it was asked at the latest, once somebody looks."""
    made, now_ms, asked_ms = trial(), 0, 0
    for wait_ms, is_quiet, is_pressed in looks:
        now_ms += wait_ms
        was_open = made.is_open()
        told = step(made, now_ms, is_quiet=is_quiet, is_pressed=is_pressed)
        asked_ms = now_ms if made.is_open() and not was_open else asked_ms
        if is_pressed and made.is_open() != was_open:
            assert was_open
            assert told == INTERRUPTED or now_ms - asked_ms >= 36_000
        assert not made.is_open() or now_ms - asked_ms < 36_000
        assert made.is_open() or told in (NOTHING, GIVEN_UP, INTERRUPTED)


@pytest.mark.parametrize("buttons", [(False, False), LEFT_ONLY, RIGHT_ONLY, BOTH])
@pytest.mark.parametrize("is_given_up", [False, True])
def test_a_reset_neither_forgets_what_was_tried_nor_asks_again(buttons, is_given_up):
    made, after = trial(), trial()
    if is_given_up:
        assert [step(made, ms) for ms in (0, 15_000, 30_000)] == [ASK, ASK, GIVEN_UP]
    made.tried(buttons)
    stored = made.stored()
    assert 0 <= stored <= 255
    after.resume(stored)
    assert after.missing() == made.missing()
    asks = not is_given_up and buttons != BOTH
    assert (step(after, 0) == ASK) is asks


def test_the_question_is_only_about_presses_while_nothing_else_goes_on():
    made = trial()
    assert [made.context(one) for one in CONTEXTS] == list(CONTEXTS)
    step(made, 0)
    others = [one for one in CONTEXTS if one != QUIET]
    assert made.context(QUIET) == TRYING
    assert [made.context(one) for one in others] == others
