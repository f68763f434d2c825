"""The recogniser: every press means one thing, and no timing, bounce or stall hides an SOS."""

import itertools

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from badge.core.wearer.gestures import (
    CRISP_MS,
    GAP_MS,
    HOLD_MS,
    LEAN_MS,
    LEFT,
    RIGHT,
    SOS_GESTURES,
    STUCK,
    STUCK_MS,
    Gestures,
)
from badge.core.wearer.sos import LATE_CREDIT_MS
from tests.core.wearer.fingers import DEBOUNCE_MS, Fingers, shapes
from tests.core.wearer.fingers import HOLD_MS as SOS_HOLD_MS

BUTTONS = st.sampled_from([LEFT, RIGHT])
BOUNCE = st.lists(st.integers(0, 12), max_size=4)
# As sim/stalls.py has them: a public-key step at most when announced, a collection when not.
ANNOUNCED_MS, UNANNOUNCED_MS = 150, 55
LATE_MS = ANNOUNCED_MS + 100


@st.composite
def stalls(draw, until_ms):
    found = []
    for _ in range(draw(st.integers(0, 4))):
        begin_ms = draw(st.integers(0, until_ms))
        announced = draw(st.booleans())
        longest_ms = ANNOUNCED_MS if announced else UNANNOUNCED_MS
        found.append((begin_ms, begin_ms + draw(st.integers(1, longest_ms)), announced))
    return found


@st.composite
def squeeze(draw, shortest_ms, longest_ms, latest_ms=1000):
    """(presses, when both are down, how long both are down), in either order at both ends."""
    first = draw(BUTTONS)
    apart_ms = draw(st.integers(0, latest_ms))
    both_ms = draw(st.integers(shortest_ms, longest_ms))
    let_go_ms = draw(st.integers(0, 800))
    begin_ms = draw(st.integers(50, 400))
    first_up = draw(BUTTONS)
    down = {first: begin_ms, 1 - first: begin_ms + apart_ms}
    both_from_ms = begin_ms + apart_ms
    up = {first_up: both_from_ms + both_ms, 1 - first_up: both_from_ms + both_ms + let_go_ms}
    presses = [(button, down[button], up[button]) for button in (LEFT, RIGHT)]
    return presses, both_from_ms, both_ms


@pytest.mark.requirement("R13")
@pytest.mark.requirement("R15")
@settings(deadline=None)
@given(squeeze(SOS_HOLD_MS, 9000), BOUNCE, st.data())
def test_a_squeeze_is_one_sos_whatever_order_bounce_gloves_and_stalls(made, bounce_ms, data):
    """Gloves: up to a second lies between the two buttons."""
    presses, both_from_ms, both_ms = made
    hidden = data.draw(stalls(both_from_ms + both_ms + 500))
    (sos,) = Fingers(presses, bounce_ms, hidden).seen()
    assert sos.shape == "SOS"
    assert -LATE_MS <= sos.at_ms - both_from_ms - SOS_HOLD_MS <= LATE_MS
    (sos,) = Fingers(presses, bounce_ms).seen()
    settled_ms = 2 * max(bounce_ms, default=0)
    assert 0 <= sos.at_ms - both_from_ms - SOS_HOLD_MS <= settled_ms


@pytest.mark.requirement("R13")
def test_a_stall_in_which_a_long_squeeze_is_let_go_hides_no_press():
    for left_ms, right_ms, bounce_ms, stall_ms in ((7363, 6874, 2, 7316), (6497, 6538, 12, 6550)):
        fingers = Fingers([(LEFT, 50, left_ms), (RIGHT, 50, right_ms)], [bounce_ms])
        fingers.stalls = [(stall_ms, stall_ms + 150, True)]
        assert shapes(fingers.seen()) == ["SOS"]


@settings(deadline=None)
@given(squeeze(DEBOUNCE_MS + 25, SOS_HOLD_MS - 110), BOUNCE, st.sampled_from(SOS_GESTURES))
def test_a_squeeze_too_short_is_that_and_nothing_else(made, bounce_ms, sos_gesture):
    presses, _, both_ms = made
    assume(all(up_ms - down_ms < LEAN_MS for _, down_ms, up_ms in presses))
    is_hold = any(up_ms - down_ms > SOS_HOLD_MS - 110 for _, down_ms, up_ms in presses)
    assume(not (sos_gesture == "hold" and is_hold))
    assume(both_ms > 2 * max(bounce_ms, default=0))
    assert shapes(Fingers(presses, bounce_ms).seen(sos_gesture)) == ["SHORT_SQUEEZE"]


@settings(deadline=None)
@given(squeeze(1, SOS_HOLD_MS - 301 - 301 - 81), st.data())
def test_no_stall_makes_an_sos_of_a_squeeze_that_is_far_too_short(made, data):
    presses, both_from_ms, both_ms = made
    hidden = data.draw(stalls(both_from_ms + both_ms + 500))
    assert "SOS" not in shapes(Fingers(presses, [], hidden).seen())


# What fingers can do in one burst, each with the shape that it must have.
@st.composite
def burst(draw, sos_gesture, shortest_ms, apart_ms):
    """(presses from 0 ms on, shape, button)."""
    button = draw(BUTTONS)
    free = {
        "squeeze": ("TAP", "DOUBLE_TAP", "TRIPLE_TAP", "HOLD", "ROLL_HOLD", "MUDDLE"),
        "hold": ("TAP", "DOUBLE_TAP", "TRIPLE_TAP", "MUDDLE"),
        "double": ("TAP", "HOLD", "ROLL_HOLD"),
        "triple": ("TAP", "DOUBLE_TAP", "HOLD", "ROLL_HOLD"),
    }
    always = ("SOS", "PRESS", "ROLL", "SHORT_SQUEEZE")
    shape = draw(st.sampled_from((*free[sos_gesture], *always)))
    if shape == "SOS":
        presses = draw(_sos(sos_gesture, button, shortest_ms, apart_ms))
        return presses, shape, None
    if shape == "SHORT_SQUEEZE":
        down_ms = draw(st.integers(0, 300))
        up_ms = down_ms + draw(st.integers(60, 600))
        return [(button, 0, up_ms), (1 - button, down_ms, up_ms + 50)], shape, None
    lengths = {
        "PRESS": (CRISP_MS + 1, SOS_HOLD_MS - 110),
        "HOLD": (HOLD_MS, LEAN_MS - 30),
    }.get(shape, (shortest_ms, CRISP_MS - 30))
    count = {"DOUBLE_TAP": 2, "ROLL": 2, "TRIPLE_TAP": 3}.get(shape, 1)
    if shape == "MUDDLE":
        return (
            _taps(draw, [button] * draw(st.integers(4, 7)), (shortest_ms, CRISP_MS), apart_ms),
            shape,
            None,
        )
    presses = _taps(draw, [button] * count, lengths, apart_ms)
    if shape == "ROLL_HOLD":
        down_ms = presses[0][2] + draw(st.integers(DEBOUNCE_MS + 30, apart_ms))
        held_ms = draw(st.integers(HOLD_MS, LEAN_MS - 30))
        presses.append((1 - button, down_ms, down_ms + held_ms))
    if shape == "ROLL":
        presses[1] = (1 - button, *presses[1][1:])
    return presses, shape, button


def _taps(draw, buttons, lengths, apart_ms):
    presses, now_ms = [], 0
    for button in buttons:
        up_ms = now_ms + draw(st.integers(*lengths))
        presses.append((button, now_ms, up_ms))
        now_ms = up_ms + draw(st.integers(DEBOUNCE_MS + 30, apart_ms))
    return presses


@st.composite
def _sos(draw, sos_gesture, button, shortest_ms, apart_ms):
    if sos_gesture == "squeeze" or draw(st.integers(0, 3)) == 0:
        down_ms = draw(st.integers(0, 1000))
        up_ms = down_ms + draw(st.integers(SOS_HOLD_MS, 4000))
        return [(button, 0, up_ms), (1 - button, down_ms, up_ms + draw(st.integers(0, 500)))]
    if sos_gesture == "hold":
        return [(button, 0, draw(st.integers(SOS_HOLD_MS, 45_000)))]
    count = {"double": 2, "triple": 3}[sos_gesture]
    more = draw(st.integers(0, 3))
    return _taps(draw, [button] * (count + more), (shortest_ms, CRISP_MS - 30), apart_ms)


@st.composite
def story(draw, sos_gesture, shortest_ms=DEBOUNCE_MS + 26, apart_ms=GAP_MS - 30):
    """Some bursts of presses at most `apart_ms` apart, each long enough after the one before."""
    presses, expected, now_ms = [], [], draw(st.integers(10, 300))
    for _ in range(draw(st.integers(1, 5))):
        part, shape, button = draw(burst(sos_gesture, shortest_ms, apart_ms))
        presses += [(b, now_ms + down_ms, now_ms + up_ms) for b, down_ms, up_ms in part]
        now_ms = max(up_ms for _, _, up_ms in presses)
        now_ms += draw(st.integers(GAP_MS + 30, GAP_MS + 900))
        expected.append((shape, button))
    return presses, expected


@pytest.mark.requirement("R13")
@pytest.mark.parametrize("sos_gesture", SOS_GESTURES)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_every_press_means_exactly_one_thing(sos_gesture, data):
    presses, expected = data.draw(story(sos_gesture))
    seen = Fingers(presses, data.draw(BOUNCE)).seen(sos_gesture)
    assert [(one.shape, one.button) for one in seen] == expected


@pytest.mark.parametrize("sos_gesture", SOS_GESTURES)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_amid_stalls_every_burst_still_has_one_shape_and_no_sos_is_lost(sos_gesture, data):
    # Nobody knows how much of the pause a stall took that was not announced.
    least_ms, most_ms = UNANNOUNCED_MS + DEBOUNCE_MS + 1, GAP_MS - UNANNOUNCED_MS - 30
    presses, expected = data.draw(story(sos_gesture, least_ms, most_ms))
    apart = _spread(presses, 400)
    hidden = data.draw(stalls(max(up_ms for _, _, up_ms in apart)))
    seen = shapes(Fingers(apart, [], hidden).seen(sos_gesture))
    assert len(seen) == len(expected)
    for shape, (wanted, _) in zip(seen, expected, strict=True):
        assert shape == "SOS" or wanted != "SOS"


def _spread(presses, more_ms):
    """The same bursts, each `more_ms` further from the one before: a stall blurs the pause."""
    found, last_up_ms, shift_ms = [], None, 0
    for button, down_ms, up_ms in presses:
        if last_up_ms is not None and down_ms - last_up_ms > GAP_MS:
            shift_ms += more_ms
        found.append((button, down_ms + shift_ms, up_ms + shift_ms))
        last_up_ms = max(up_ms, last_up_ms or 0)
    return found


@st.composite
def chaos(draw):
    """Any presses of two buttons at all."""
    presses = []
    for button in (LEFT, RIGHT):
        now_ms = draw(st.integers(10, 2000))
        for _ in range(draw(st.integers(0, 6))):
            up_ms = now_ms + draw(st.one_of(st.integers(1, 60), st.integers(60, 9000)))
            presses.append((button, now_ms, up_ms))
            now_ms = up_ms + draw(st.one_of(st.integers(1, 60), st.integers(60, 3000)))
    return presses


def _both_down_ms(presses, from_ms):
    """When both contacts are closed: a bounce of one may hide that the other was pressed."""
    down = [down_ms for _, down_ms, _ in presses if down_ms > from_ms]
    return next(
        at_ms
        for at_ms in (from_ms, *sorted(down))
        if {button for button, down_ms, up_ms in presses if down_ms <= at_ms < up_ms} == {0, 1}
    )


def _joined(presses, button):
    """The presses of one button as a debounce of DEBOUNCE_MS sees them."""
    found: list[tuple[int, int]] = []
    for _, down_ms, up_ms in sorted(p for p in presses if p[0] == button):
        if found and down_ms - found[-1][1] < DEBOUNCE_MS:
            found[-1] = (found[-1][0], up_ms)
        else:
            found.append((down_ms, up_ms))
    return [(down_ms, up_ms) for down_ms, up_ms in found if up_ms - down_ms >= DEBOUNCE_MS]


@pytest.mark.requirement("R13")
@settings(deadline=None, max_examples=200)
@given(chaos())
def test_whatever_fingers_do_a_press_is_answered_and_a_full_squeeze_is_an_sos(presses):
    seen = Fingers(presses).seen()
    left, right = _joined(presses, LEFT), _joined(presses, RIGHT)
    called_ms = [one.at_ms for one in seen if one.shape == "SOS"]
    for from_ms, until_ms in ((max(a[0], b[0]), min(a[1], b[1])) for a in left for b in right):
        if until_ms - from_ms < SOS_HOLD_MS:
            continue
        complete_ms = _both_down_ms(presses, from_ms) + SOS_HOLD_MS
        # At once, unless the fingers have not rested since an SOS before it.
        assert (
            complete_ms > until_ms
            or complete_ms in called_ms
            or any(
                ms < complete_ms <= _busy_until_ms(left + right, ms + LEAN_MS) + SOS_HOLD_MS
                for ms in called_ms
            )
        )
    for button, found in ((LEFT, left), (RIGHT, right)):
        for down_ms, up_ms in found:
            latest_ms = min(up_ms, down_ms + LEAN_MS) + GAP_MS + DEBOUNCE_MS
            follows = [one for one in seen if one.at_ms >= down_ms and one.shape != STUCK]
            before = [one for one in seen if one.shape == "SOS" and one.at_ms < down_ms]
            assert follows or before, f"button {button} at {down_ms} was not answered"
            busy_until_ms = _busy_until_ms(left + right, latest_ms)
            # Bounce that is no press may come in the pause.
            assert before or follows[0].at_ms <= busy_until_ms + GAP_MS + 3 * DEBOUNCE_MS
    if not left and not right:
        assert not seen


def _busy_until_ms(presses, at_ms):
    """The end of the activity that goes on at `at_ms`, with pauses below GAP_MS."""
    for down_ms, up_ms in sorted(presses):
        if down_ms <= at_ms + GAP_MS + DEBOUNCE_MS:
            at_ms = max(at_ms, min(up_ms, down_ms + LEAN_MS))
    return at_ms


@settings(deadline=None, max_examples=200)
@given(chaos(), st.data())
def test_one_answer_for_each_burst_never_two(presses, data):
    """Without an SOS or a lean, a shape is told only when both buttons have rested."""
    hidden = data.draw(st.one_of(st.just([]), stalls(9000)))
    seen = Fingers(presses, [], hidden).seen()
    told = [one for one in seen if one.shape not in (STUCK, "SOS", "LEAN")]
    for one, following in itertools.pairwise(told):
        assert following.at_ms - one.at_ms >= GAP_MS - ANNOUNCED_MS


@pytest.mark.parametrize("stuck", [LEFT, RIGHT])
@pytest.mark.parametrize("sos_gesture", SOS_GESTURES)
def test_a_stuck_button_means_one_thing_and_is_told_once_and_the_other_still_calls(
    stuck, sos_gesture
):
    other = 1 - stuck
    presses = [(stuck, 100, 400_000), (other, 100_000, 102_000), (other, 200_000, 200_200)]
    seen = Fingers(presses).seen(sos_gesture)
    assert [(one.shape, one.button) for one in seen] == [
        ("SOS", None) if sos_gesture == "hold" else ("LEAN", stuck),
        (STUCK, stuck),
        ("SOS", None),
        ("SHORT_SQUEEZE", None),
    ]
    assert seen[1].at_ms == 100 + STUCK_MS
    assert seen[2].at_ms == 100_000 + SOS_HOLD_MS
    assert seen[3].at_ms == 200_200 + GAP_MS


def test_a_stuck_button_is_forgotten_once_it_is_free():
    presses = [(LEFT, 100, 70_000), (LEFT, 75_000, 75_200)]
    assert shapes(Fingers(presses).seen()) == ["LEAN", "TAP"]


@settings(deadline=None, max_examples=100)
@given(BUTTONS, st.lists(st.tuples(st.integers(LEAN_MS, 90_000), st.integers(1, 500)), max_size=4))
def test_a_body_that_lies_on_a_button_leans_and_says_nothing_else(button, lying):
    presses, now_ms = [], 100
    for length_ms, pause_ms in lying:
        presses.append((button, now_ms, now_ms + length_ms))
        now_ms += length_ms + pause_ms
    assert set(shapes(Fingers(presses).seen())) <= {"LEAN"}


def test_a_press_that_a_reset_interrupted_becomes_the_sos_and_nothing_else():
    gestures = Gestures("squeeze", SOS_HOLD_MS, DEBOUNCE_MS)
    gestures.found_closed(LEFT, 5)
    gestures.found_closed(RIGHT, 5)
    assert gestures.poll(5 + SOS_HOLD_MS - LATE_CREDIT_MS - 1) is None
    assert gestures.poll(5 + SOS_HOLD_MS - LATE_CREDIT_MS) == ("SOS", None)
    lying = Gestures("squeeze", SOS_HOLD_MS, DEBOUNCE_MS)
    lying.found_closed(LEFT, 5)
    assert lying.poll(5 + LEAN_MS) is None
    assert not lying.is_under_way()
    assert lying.poll(5 + STUCK_MS) == (STUCK, LEFT)
    assert lying.stuck() == ["left"]


def test_a_tap_that_an_announced_stall_hid_is_answered():
    tap = [(LEFT, 1010, 1130)]
    assert shapes(Fingers(tap, [3], [(1000, 1150, True)]).seen()) == ["TAP"]


def test_a_long_stall_hides_no_more_presses_than_the_chip_has_counted():
    tap = [(LEFT, 1010, 1130)]
    assert shapes(Fingers(tap, [], [(1000, 1900, True)]).seen("double")) == ["TAP"]


def test_a_second_tap_that_a_stall_hid_completes_the_sos():
    taps = [(LEFT, 1000, 1100), (LEFT, 1210, 1290)]
    assert shapes(Fingers(taps, [], [(1200, 1350, True)]).seen("double")) == ["SOS"]


@pytest.mark.parametrize("sos_gesture", SOS_GESTURES)
@pytest.mark.parametrize("ends_after_ms", [4, 6, 7])
def test_a_stall_that_ends_in_the_bounce_of_a_press_makes_no_second_one(
    sos_gesture, ends_after_ms
):
    tap = [(LEFT, 1000, 1300)]
    seen = Fingers(tap, [4], [(900, 1000 + ends_after_ms, True)]).seen(sos_gesture)
    assert shapes(seen) == ["TAP"]


def test_bounce_that_a_stall_hid_makes_no_second_press():
    tap = [(LEFT, 1000, 1500)]
    assert shapes(Fingers(tap, [4], [(1001, 1151, True)]).seen("double")) == ["TAP"]


def test_more_taps_than_the_sos_needs_are_still_the_one_sos():
    """A frightened wearer goes on tapping; that must not ask the centre for a false alarm."""
    taps = [(LEFT, 1000 + 250 * k, 1120 + 250 * k) for k in range(9)]
    assert shapes(Fingers(taps).seen("triple")) == ["SOS"]


@pytest.mark.parametrize("sos_gesture", SOS_GESTURES)
@given(pause_ms=st.integers(60, 1500), times=st.integers(2, 6))
def test_squeezes_one_after_another_are_an_sos_each(
    sos_gesture: str, pause_ms: int, times: int
) -> None:
    gestures = Gestures(sos_gesture, 1500, 30)
    found: list[str] = []
    now_ms = 1000
    for _ in range(times):
        for closed, lasts_ms in ((True, 1700), (False, pause_ms)):
            for button in (LEFT, RIGHT):
                gestures.edge(button, closed, now_ms)
            for _ in range(lasts_ms // 20):
                now_ms += 20
                while (one := gestures.poll(now_ms)) is not None:
                    found.append(one[0])
    assert found.count("SOS") == times
