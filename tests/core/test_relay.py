"""When a badge listens for colleagues, and what they may cost it, as tables."""

import pytest

from badge.core import relay, ticks

FREE = relay.Facts(
    is_linked=True,
    is_on_shift=True,
    is_on_charger=False,
    is_under_way=False,
    is_pressed=False,
    saves_power=False,
)
NOW = 5_000_000


@pytest.mark.parametrize(
    ("change", "may"),
    [
        ({}, True),
        # What it hears it could not pass on.
        ({"is_linked": False}, False),
        # Its wearer goes first: an alarm, a pre-alarm, a press.
        ({"is_under_way": True}, False),
        ({"is_pressed": True}, False),
        ({"is_under_way": True, "is_on_charger": True}, False),
        ({"is_pressed": True, "is_on_charger": True}, False),
        # In a locker, off shift, it hears nobody for hours; on a charger it costs nothing.
        ({"is_on_shift": False}, False),
        ({"is_on_shift": False, "is_on_charger": True}, True),
        # The last of the battery is for its wearer.
        ({"saves_power": True}, False),
        ({"saves_power": True, "is_on_charger": True}, True),
        ({"is_on_charger": True, "is_linked": False}, False),
    ],
)
def test_it_listens_when_nothing_of_its_own_is_under_way(change, may):
    assert relay.may_listen(FREE._replace(**change)) is may


@pytest.mark.parametrize(("scan_s", "ms"), [(1, 10_000), (10, 10_000), (30, 30_000)])
def test_a_window_comes_as_often_as_the_setting_says_and_not_too_often(scan_s, ms):
    assert relay.every_ms(scan_s) == ms


def visits_in(hours, *, was_well, visit_ms=18_000, has_sent=False):
    """How often it visits when somebody calls the whole time, and it listens each 10 s."""
    budget = relay.Budget(NOW)
    now_ms, end_ms, visits = NOW, NOW + hours * 3_600_000, 0
    while now_ms < end_ms:
        now_ms += 10_000
        if not budget.is_spent(now_ms % ticks.PERIOD):
            now_ms += visit_ms
            visits += 1
            budget.visited(visit_ms, now_ms % ticks.PERIOD, has_sent=has_sent, was_well=was_well)
    return visits


@pytest.mark.parametrize("visit_ms", [1_000, 2_000, 18_000])
def test_who_calls_for_nothing_all_day_takes_a_minute_and_then_a_minute_an_hour(visit_ms):
    spent_s = visits_in(10, was_well=False, visit_ms=visit_ms) * visit_ms / 1000
    # The last of each turn may be longer than what is left of it.
    assert spent_s <= (60 + 10 * 60) * 1.25


def test_who_plays_an_old_call_back_all_day_takes_three_minutes_an_hour():
    spent_s = visits_in(10, was_well=True) * 18
    assert 10 * 120 < spent_s <= (180 + 10 * 180) * 1.25


def test_what_makes_it_send_for_nothing_is_heard_six_times_an_hour_and_what_is_known_24():
    """Each frame keeps the modem connected for as long as the network likes."""
    assert 60 <= visits_in(10, was_well=False, visit_ms=500, has_sent=True) <= 66 * 1.3
    assert 240 <= visits_in(10, was_well=True, visit_ms=4_000, has_sent=True) <= 280


def test_a_colleague_who_calls_for_ten_minutes_is_visited_at_each_window():
    budget = relay.Budget(NOW)
    for window in range(20):
        now_ms = NOW + window * 30_000
        assert not budget.is_spent(now_ms)
        budget.visited(4_000, now_ms + 4_000, has_sent=True, was_well=True)


@pytest.mark.parametrize(
    ("visit_ms", "has_sent", "was_well", "visits"),
    [
        (18_000, False, False, 4),
        (2_000, False, False, 30),
        # What is shorter costs as much as a second.
        (100, False, False, 60),
        (18_000, False, True, 10),
        (1_000, False, True, 180),
        (500, True, False, 6),
        (500, True, True, 24),
        (18_000, True, True, 10),
        (18_000, True, False, 4),
    ],
)
def test_visits_at_once_are_so_many(visit_ms, has_sent, was_well, visits):
    budget = relay.Budget(NOW)
    for _ in range(visits):
        assert not budget.is_spent(NOW)
        budget.visited(visit_ms, NOW, has_sent=has_sent, was_well=was_well)
    assert budget.is_spent(NOW)


def test_what_is_spent_is_spent_until_half_of_it_is_forgotten():
    budget = relay.Budget(NOW)
    for _ in range(6):
        budget.visited(500, NOW, has_sent=True, was_well=False)
    for minute in range(1, 30):
        assert budget.is_spent(NOW + minute * 60_000)
    assert budget.is_spent(NOW + 1_799_000)
    assert not budget.is_spent(NOW + 1_800_000)
