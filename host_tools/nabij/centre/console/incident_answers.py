"""Answers about incidents: the queue, one of them, and all that a person does with it."""

import secrets
from typing import Final

from badge.core.codec import wire
from nabij.centre.console import details, open_queue
from nabij.centre.console.asking import Ask, NotThereError, sees_of
from nabij.centre.console.models import (
    Claimed,
    Closed,
    Done,
    HandOver,
    IncidentDetail,
    LinkAsked,
    LinkMade,
    Note,
    Queue,
)
from nabij.centre.incidents import claims, handling, links, remarks
from nabij.centre.incidents.claims import Wanted
from nabij.centre.incidents.handling import Action, ActionRefusedError
from nabij.centre.incidents.remarks import Remark, Sort
from nabij.centre.people import accounts, audit
from nabij.centre.people.accounts import Account
from nabij.centre.people.roles import May, may

_FALSE: Final = "false_alarm"
_REASONS: Final = {
    "helped": "Helped",
    _FALSE: "False alarm",
    "technical": "Technical",
    "drill": "Drill",
    "other": "Other",
}


def queue(ask: Ask) -> Queue:
    """The open incidents, in order."""
    return open_queue.build(ask.connection, ask.visitor.sees, ask.now_ms)


def detail(ask: Ask) -> IncidentDetail:
    """One incident in full. That it was looked at is kept, for the wearer to see."""
    found = _seen(ask)
    audit.look(
        ask.connection,
        ask.now_ms,
        ask.visitor.account.login,
        person_id=found.item.person_id,
        incident_id=found.item.id,
    )
    return found


def claim(ask: Ask) -> Done:
    """Have it for so many minutes; the wearer feels TAKEN when nobody had it before."""
    for_ms = ask.of(Claimed).minutes * 60_000
    wanted = Wanted(_request(ask), _seen(ask).item.id, ask.by, ask.now_ms, for_ms)
    ask.news.extend(claims.take(ask.connection, wanted))
    return Done()


def give_back(ask: Ask) -> Done:
    """Cannot go on with it: it comes back to the queue."""
    incident_id = _seen(ask).item.id
    ask.news.extend(claims.give_back(ask.connection, incident_id, ask.by, ask.now_ms))
    return Done()


def hand_over(ask: Ask) -> Done:
    """Give it to somebody else who handles incidents and may see this one."""
    to, incident_id = ask.of(HandOver).to, _seen(ask).item.id
    if not any(
        _can_take(ask, one, incident_id)
        for one in accounts.all_of(ask.connection)
        if one.name == to
    ):
        raise NotThereError(f"Nobody called '{to}' handles this incident: choose from the list.")
    ask.news.extend(claims.hand_over(ask.connection, incident_id, ask.by, to, ask.now_ms))
    return Done()


def inform(ask: Ask) -> Done:
    """Know of it, without having it."""
    return _remark(ask, Sort.INFORMED, "")


def note(ask: Ask) -> Done:
    """Write to it; or that the wearer was spoken to."""
    asked = ask.of(Note)
    return _remark(ask, Sort.CONTACT if asked.contact else Sort.NOTE, asked.text)


def help_coming(ask: Ask) -> Done:
    """Help is on its way: the wearer feels that, unless somebody forces them."""
    return _act(ask, wire.STATUS_HELP_COMING, "")


def close(ask: Ask) -> Done:
    """Close it, for a reason; as a false alarm only after the wearer was spoken to."""
    asked = ask.of(Closed)
    found = _seen(ask)
    if asked.reason == _FALSE and not found.may_call_false:
        raise ActionRefusedError(
            "Speak to the wearer first and note it: an alarm is called false only after that."
            if not found.item.duress
            else "The wearer is forced: this is no false alarm, whatever they say."
        )
    return _act(ask, wire.STATUS_CLOSED, f"{_REASONS[asked.reason]}: {asked.note}")


def make_link(ask: Ask) -> LinkMade:
    """A link by which somebody outside opens this incident and nothing else, for a while."""
    incident_id = _seen(ask).item.id
    token = links.make(ask.connection, incident_id, ask.of(LinkAsked).whom, ask.by, ask.now_ms)
    return LinkMade(f"{links.PATH}{token}", ask.now_ms + links.LASTS_MS)


def revoke_link(ask: Ask) -> Done:
    """It opens nothing from now on."""
    incident_id = _seen(ask).item.id
    links.revoke(ask.connection, incident_id, ask.number("link"), ask.by, ask.now_ms)
    return Done()


def _can_take(ask: Ask, account: Account, incident_id: int) -> bool:
    if not account.is_open or not may(account.role, May.HANDLE_INCIDENTS):
        return False
    seen = sees_of(ask.connection, account)
    return details.build(ask.connection, incident_id, seen, ask.now_ms) is not None


def _seen(ask: Ask) -> IncidentDetail:
    incident_id = ask.number("incident")
    found = details.build(ask.connection, incident_id, ask.visitor.sees, ask.now_ms)
    if found is None:
        raise NotThereError(f"There is no incident {incident_id}: look at the queue again.")
    return found


def _act(ask: Ask, state: int, words: str) -> Done:
    incident_id = _seen(ask).item.id
    action = Action(
        request=_request(ask),
        incident_id=incident_id,
        state=state,
        at_ms=ask.now_ms,
        by=ask.by,
        note=words,
    )
    news = handling.apply(ask.connection, action)
    ask.news.extend(() if news is None else (news,))
    return Done()


def _remark(ask: Ask, sort: Sort, text: str) -> Done:
    remarks.add(ask.connection, Remark(_seen(ask).item.id, ask.now_ms, ask.by, sort, text))
    return Done()


def _request(ask: Ask) -> str:
    """A name for what is asked: the console asks once, inside one transaction."""
    return f"{ask.now_ms:015d}-{secrets.token_hex(8)}"
