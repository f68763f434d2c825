"""What is told of an alarm: one line that a person can act on, and the same as JSON."""

import json
from dataclasses import replace

import pytest

from badge.core.alarm.kinds import AMBER, CHECK_IN, MAN_DOWN, SOS
from badge.core.codec import wire
from nabij.centre.incidents import claims
from nabij.centre.incidents.claims import Wanted
from nabij.centre.incidents.incident import Incident
from nabij.centre.incidents.merge import What
from nabij.centre.incidents.news import News
from nabij.centre.incidents.words import local_time
from tests.host.centre.deadline_world import START_MS, World, message

INCIDENT = Incident(
    id=7,
    badge="anna",
    wearer="A. de Vries",
    boot=1,
    seq=1,
    kind=SOS,
    state=wire.STATUS_RECEIVED,
    test=False,
    raised_ms=START_MS,
    received_ms=START_MS,
    age_ms=0,
    age_at_least=False,
    attempt=1,
    peak_mg=None,
    tilt_deg=None,
)
NEWS = News(1, What.OPENED, START_MS, "anna", "A. de Vries", 1, 1, SOS, None, INCIDENT)
SEEN = "Incident 7, A. de Vries (badge anna): "


@pytest.mark.parametrize(
    ("what", "word"),
    [
        (What.JOINED, "badge itself"),
        (What.ESCALATED, "now "),
        (What.DURESS, "UNDER DURESS"),
        (What.FALSE_ALARM, "false alarm; it stays open"),
        (What.EXTENDED, "more time; it stays open"),
        (What.ENDED, "too late; it stays open"),
        (What.WITHDRAWN, "withdrew the alarm; it stays open"),
        (What.UNANSWERED, "NOBODY ANSWERED"),
        (What.QUIET_AGAIN, "quiet again; it stays open"),
    ],
)
def test_whatever_happens_to_an_incident_is_told_in_words(what: What, word: str) -> None:
    said = replace(NEWS, what=what).sentence()
    assert said.startswith(SEEN)
    assert word in said


@pytest.mark.parametrize(
    ("what", "by", "said"),
    [
        (What.TAKEN, "J. Smit", "taken by J. Smit."),
        (What.TAKEN, "", "taken."),
        (What.CLAIMED, "J. Smit", "taken over by J. Smit."),
        (What.HELP_COMING, "J. Smit", "help is coming, says J. Smit."),
        (What.CLOSED, "J. Smit", "closed by J. Smit."),
        (What.CLAIM_OVER, "", "NOBODY HAS IT ANY MORE."),
        (What.DUE_AGAIN, "", "its deadline came due again."),
        (What.REOPENED, "", "open again, after it was closed."),
        (What.BACK, "", "the badge is heard again."),
    ],
)
def test_who_did_it_is_told_where_somebody_did(what: What, by: str, said: str) -> None:
    assert replace(NEWS, what=what, by=by).sentence() == SEEN + said


@pytest.mark.parametrize(
    ("state", "back_ms", "said"),
    [
        (wire.STATUS_CLOSED, START_MS + 90_000, "after 1 min 30 s; closed."),
        (wire.STATUS_TAKEN, None, "after 2 min 0 s; it stays open until it is closed here."),
    ],
)
def test_a_badge_that_is_back_is_told_with_how_long_it_was_quiet(
    state: int, back_ms: int | None, said: str
) -> None:
    quiet = replace(INCIDENT, state=state, heard_ms=START_MS, back_ms=back_ms)
    news = replace(NEWS, what=What.BACK, at_ms=START_MS + 120_000, incident=quiet)
    assert news.sentence() == f"{SEEN}the badge is heard again {said}"


@pytest.mark.parametrize(
    ("kind", "what", "said"),
    [
        (CHECK_IN, What.DEADLINE, f"Watching a check-in until {local_time(START_MS)}"),
        (AMBER, What.DEADLINE, f"Watching an amber until {local_time(START_MS)}"),
        (MAN_DOWN, What.DEADLINE, f"Watching a deadline until {local_time(START_MS)}"),
        (CHECK_IN, What.EXTENDED, f"Extended the check-in until {local_time(START_MS)}"),
        (AMBER, What.ENDED, "The amber was ended by the wearer"),
        (MAN_DOWN, What.WITHDRAWN, "Withdrawn in the pre-alarm (man_down)"),
    ],
)
def test_what_is_no_incident_is_told_too(kind: int, what: What, said: str) -> None:
    news = replace(NEWS, kind=kind, what=what, due_ms=START_MS, incident=None)
    assert news.sentence() == f"{said}  A. de Vries (badge anna)"


def test_only_a_check_in_that_goes_as_it_should_is_routine() -> None:
    fine = replace(NEWS, kind=CHECK_IN, what=What.DEADLINE, incident=None)
    assert all(replace(fine, what=what).routine for what in (What.EXTENDED, What.ENDED))
    assert fine.routine
    assert not replace(fine, kind=AMBER).routine
    assert not replace(fine, incident=INCIDENT).routine
    assert not replace(fine, what=What.WITHDRAWN).routine


def test_how_long_ago_it_was_is_as_of_when_it_is_shown() -> None:
    assert "0.0 s ago" in NEWS.sentence()
    assert "1 min 30 s ago" in NEWS.sentence(START_MS + 90_000)


def test_json_has_it_all_in_one_line() -> None:
    told = json.loads(replace(NEWS, by="J. Smit").to_json())
    assert (told["event"], told["kind_name"], told["by"]) == ("opened", "sos", "J. Smit")
    assert (told["at_ms"], told["badge"], told["incident"]["id"]) == (START_MS, "anna", 7)
    alone = json.loads(replace(NEWS, incident=None).to_json())
    assert (alone["incident"], alone["where"]) == (None, None)


def test_news_of_the_centre_says_who_did_what_and_comes_in_order(world: World) -> None:
    world.take(message(kind=SOS))
    for state, at_s in ((wire.STATUS_TAKEN, 1), (wire.STATUS_CLOSED, 2)):
        world.clock.wait(at_s)
        world.centre(world.incident(), state)
    found = world.store.news((3, 1, 2))
    assert [(one.id, one.what, one.by) for one in found] == [
        (1, What.OPENED, ""),
        (2, What.TAKEN, "J. Smit"),
        (3, What.CLOSED, "J. Smit"),
    ]


def test_who_takes_it_over_is_named(world: World) -> None:
    world.take(message(kind=SOS))
    world.centre(world.incident(), wire.STATUS_TAKEN)
    wanted = Wanted("request-x", 1, "K. Bos", world.clock.now().wall_ms, over=True)
    ids = world.store.write(lambda one: claims.take(one, wanted))
    assert [(one.what, one.by) for one in world.store.news(ids)] == [(What.CLAIMED, "K. Bos")]
