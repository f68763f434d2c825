"""The alarm table walked through completely: every state with every event."""

from pathlib import Path

import pytest

from badge.core.alarm import life
from badge.core.alarm.life import Refused, step
from nabij.documents.alarm_docs import diagram, with_tables

STATES = range(len(life.STATE_NAMES))
EVENTS = range(len(life.EVENT_NAMES))
ENDS = (life.IDLE, life.CLOSED)
# Told to the receiver and closed by its receipt; nothing of them is felt.
QUIET_STATES = (life.WITHDRAWN, life.REPORT)
FEELINGS = {getattr(life, name) for name in dir(life) if name.startswith("FEEL_")}


def felt(actions):
    return FEELINGS.intersection(actions)


@pytest.mark.parametrize("event", EVENTS, ids=life.EVENT_NAMES)
@pytest.mark.parametrize("state", STATES, ids=life.STATE_NAMES)
def test_every_event_acts_or_is_refused_with_a_reason(state, event):
    if (state, event) in life.TABLE:
        after, actions = step(state, event)
        assert after in STATES
        assert isinstance(actions, tuple)
        return
    with pytest.raises(Refused) as refusal:
        step(state, event)
    assert refusal.value.code == "alarm.refused"
    assert life.STATE_NAMES[state] in str(refusal.value)
    assert len(str(refusal.value).partition(": ")[2]) > 10
    assert ("the alarm is closed" in str(refusal.value)) == (state == life.CLOSED)


def test_every_open_state_has_a_way_out_and_can_be_reached():
    arrows = {(state, after) for (state, _), (after, _) in life.TABLE.items()}
    reached, ends = {life.IDLE}, set(ENDS)
    for _ in STATES:
        reached |= {after for state, after in arrows if state in reached}
        ends |= {state for state, after in arrows if after in ends}
    assert reached == set(STATES)
    assert ends == set(STATES)


@pytest.mark.parametrize("state", [s for s in STATES if s not in ENDS], ids=str)
def test_every_open_state_survives_a_reset(state):
    after, actions = step(state, life.EV_RESUME)
    assert after not in ENDS
    if state not in (after, life.SENT):
        assert life.STORE in actions


def test_durable_before_sent():
    for (state, _), (after, actions) in life.TABLE.items():
        if life.NEWS in actions:
            news, store, send = map(actions.index, (life.NEWS, life.STORE, life.SEND))
            assert news < store < send
        if after not in (state, life.SENT) and state != life.SENT:
            assert life.STORE in actions
        if after == life.RAISED and state not in life.RED_STATES:
            assert life.NEWS in actions


def test_what_is_over_is_forgotten_and_nothing_else():
    for after, actions in life.TABLE.values():
        assert (life.FORGET in actions) == (after in ENDS)


@pytest.mark.requirement("R09")
@pytest.mark.parametrize("event", EVENTS, ids=life.EVENT_NAMES)
def test_only_the_centre_ends_an_alarm_that_was_raised(event):
    for state in life.RED_STATES:
        after = life.TABLE.get((state, event), (state,))[0]
        assert (after not in life.RED_STATES) == (event == life.EV_CLOSE)


@pytest.mark.requirement("R09")
@pytest.mark.parametrize("state", life.RED_STATES)
def test_a_raised_alarm_can_be_called_false_and_stays_open(state):
    for event in (life.EV_FALSE_ALARM, life.EV_DURESS):
        after, actions = step(state, event)
        assert after == (life.RAISED if state == life.SENT else state)
        assert actions[0] == life.NEWS
    with pytest.raises(Refused, match="only a pre-alarm can be cancelled"):
        step(state, life.EV_CANCEL)


def test_an_alarm_never_goes_back_behind_what_the_receiver_said():
    ladder = (life.RECEIVED, life.TAKEN, life.HELP_COMING, life.CLOSED)
    for (state, _), (after, _) in life.TABLE.items():
        if state in ladder:
            assert ladder.index(after) >= ladder.index(state)


def test_under_duress_the_badge_does_what_it_does_without():
    twins = {life.PRE_ALARM: life.EV_CANCEL, life.WAITING: life.EV_END}
    for state in STATES:
        twin = twins.get(state, life.EV_FALSE_ALARM)
        assert life.TABLE.get((state, life.EV_DURESS)) == life.TABLE.get((state, twin))


def test_nothing_is_felt_of_what_was_withdrawn_or_only_reported():
    for (state, _), (after, actions) in life.TABLE.items():
        if state in QUIET_STATES or after in QUIET_STATES:
            assert not felt(actions)


def test_each_step_towards_help_is_felt_once():
    steps = {
        life.EV_RECEIPT: life.FEEL_RECEIVED,
        life.EV_TAKEN: life.FEEL_TAKEN,
        life.EV_HELP_COMING: life.FEEL_HELP_COMING,
    }
    for state in life.RED_STATES:
        for event, feeling in steps.items():
            after, actions = step(state, event)
            assert felt(actions) == ({feeling} if after != state else set())


def test_the_page_shows_the_table(repo: Path):
    """If this fails: python -m nabij.documents.alarm_docs --write docs/alarm.md."""
    page = (repo / "docs" / "alarm.md").read_text()
    assert with_tables(page) == page
    assert diagram().count(" --> ") == len(life.TABLE) + 2
