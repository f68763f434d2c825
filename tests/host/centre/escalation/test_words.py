"""What somebody reads who is called: enough to act, and nothing that gives a wearer away."""

from dataclasses import replace

import pytest

from badge.core.alarm.kinds import MAN_DOWN, SOS
from nabij.centre.escalation import words
from nabij.centre.escalation.outbox import CANNOT, HELP, TAKE, Row, State
from nabij.centre.escalation.plan import Until
from nabij.centre.escalation.words import Now
from nabij.centre.incidents.incident import Incident
from nabij.centre.incidents.words import QUIET
from tests.host.centre.deadline_world import START_MS, World, message

ROW = Row(
    id=1,
    escalation_id=1,
    incident_id=1,
    plan="yard",
    round=1,
    position=0,
    place=0,
    responder="smit",
    name="J. Smit",
    channel="sms",
    until=Until.TAKEN,
    due_ms=START_MS,
    state=State.SENT,
    tries=1,
    began_ms=START_MS,
    done_ms=START_MS + 1500,
    repeated=False,
    said="",
)
NOW = Now(START_MS + 90_000)


@pytest.fixture
def incident(world: World) -> Incident:
    world.take(message(kind=SOS))
    found = world.incident()
    assert found is not None
    return found


def test_the_first_line_is_what_and_who(incident: Incident) -> None:
    assert words.title(incident) == "SOS: A. de Vries"
    assert words.title(replace(incident, wearer="")) == "SOS: badge anna"
    # Whatever it is called elsewhere.
    assert words.title(replace(incident, duress=True)) == "DURESS: A. de Vries"
    assert words.title(None).startswith("DRILL")


def test_it_says_how_long_ago_it_was_and_where_to_answer(incident: Incident) -> None:
    lines = words.body(ROW, incident, "https://a/answer/x", NOW).split("\n")
    assert "1 min 30 s ago" in lines[0]
    assert lines[1:] == [
        "The wearer may be under threat: do not call them before you know.",
        "Answer here: https://a/answer/x",
    ]
    assert words.body(ROW, incident, "", NOW).endswith("\nAnswer at the alarm centre.")


def test_whom_not_to_call_is_said_where_that_could_be(incident: Incident) -> None:
    forced = words.body(ROW, replace(incident, duress=True), "", NOW)
    assert "UNDER DURESS: do not call or message the wearer" in forced
    assert "may be under threat" not in forced
    for kind in (MAN_DOWN, QUIET):
        other = words.body(ROW, replace(incident, kind=kind), "", NOW)
        assert "threat" not in other
        assert "DURESS" not in other


def test_what_may_have_come_before_says_so_and_a_drill_that_it_is_one(incident: Incident) -> None:
    again = replace(ROW, repeated=True)
    assert "This may have reached you before" in words.body(again, incident, "", NOW)
    assert "reached you before" not in words.body(ROW, incident, "", NOW)
    assert words.body(ROW, None, "", NOW).startswith("This is a DRILL, nobody is in need.")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (ROW, "  J. Smit, sms: sent in 1.5 s"),
        (
            replace(ROW, repeated=True),
            "  J. Smit, sms: sent in 1.5 s, sent again after an interruption",
        ),
        (
            replace(ROW, state=State.FAILED, tries=3, said="no credit"),
            "  J. Smit, sms: FAILED after 3 tries (no credit)",
        ),
        (
            replace(ROW, state=State.SKIPPED, said="quiet hours"),
            "  J. Smit: not called, quiet hours",
        ),
        (replace(ROW, state=State.WAITING, done_ms=None), ""),
        (replace(ROW, state=State.SPARED), ""),
        (replace(ROW, state=State.OVER), ""),
        (replace(ROW, began_ms=None), "  J. Smit, sms: sent in 0.0 s"),
    ],
)
def test_only_what_was_sent_is_called_so(row: Row, said: str) -> None:
    assert words.sent(row) == said


@pytest.mark.parametrize(
    ("what", "said"), [(TAKE, "took it"), (CANNOT, "cannot come"), (HELP, "sends help")]
)
def test_who_answered_is_told_with_how_fast(what: str, said: str) -> None:
    told = words.answered(ROW, what, START_MS + 61_000)
    assert told == f"  J. Smit, sms: {said} 1 min 1 s after it was sent"
