"""What a centre is sent of what happened to an incident: code, zone, time, and who it is."""

import unicodedata
from dataclasses import dataclass, replace
from typing import Final

from nabij.centre.handover import codes
from nabij.centre.handover.arcs import Arc, When, Zone
from nabij.centre.handover.frame import SIA_DCS, stamp_of
from nabij.centre.handover.rows import LINK, Message, What
from nabij.centre.incidents import merge
from nabij.centre.incidents.incident import Incident
from nabij.centre.incidents.news import News
from nabij.centre.incidents.places import E7
from nabij.centre.incidents.whereabouts import NOWHERE, Whereabouts
from nabij.centre.incidents.words import QUIET, alarm_words, who

# The event is new to a centre, or worse than it knew.
_ALARM: Final = frozenset(
    (
        merge.What.OPENED,
        merge.What.REOPENED,
        merge.What.ESCALATED,
        merge.What.DURESS,
        merge.What.QUIET_AGAIN,
    )
)
_LONGEST_TEXT: Final = 120
# Letters that are no other letter with something on it.
_LETTERS: Final = str.maketrans(
    {
        "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O",
        "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ł": "l", "Ł": "L",
        "\u0131": "i", "ĳ": "ij", "Ĳ": "IJ", "[": "(", "]": ")", "|": "/", '"': "'", "^": " ",
    }
)  # fmt: skip


@dataclass(frozen=True)
class More:
    """What a message says beside its code: when (ms since 1970 UTC), a text, a place, a link.

    `now_ms` is when it is queued: what is said of the place is as old as that makes it.
    """

    at_ms: int = 0
    text: str = ""
    where: Whereabouts = NOWHERE
    link: str = ""
    now_ms: int = 0


NOTHING: Final = More()


def wanted(arc: Arc, news: News) -> What | None:
    """As what that is sent to a centre, if at all; of its end only when it was told before."""
    incident = news.incident
    if incident is None or incident.badge not in arc.badges:
        return None
    if codes.is_technical(incident) and not arc.technical and not incident.test:
        return None
    if news.what in {merge.What.CLOSED, merge.What.BACK}:
        return What.RESTORE
    # What was done under duress stays hidden from whoever stands beside an operator too. That of a
    # test would cancel what is real.
    if news.what is merge.What.FALSE_ALARM and not incident.duress:
        return None if incident.test else What.CANCEL
    if arc.when is When.UNANSWERED:
        later = news.what in {merge.What.ESCALATED, merge.What.DURESS}
        return What.ALARM if news.what is merge.What.UNANSWERED or later else None
    return What.ALARM if news.what in _ALARM else None


def message(arc: Arc, news: News, what: What, more: More = NOTHING) -> Message:
    """The message of that kind; true time in [H], since a centre refuses frames that are old."""
    incident = news.incident
    assert incident is not None  # noqa: S101 - `wanted` says that there is one
    event = codes.CANCEL if what is What.CANCEL else codes.name_of(incident)
    if incident.kind == QUIET and not incident.test:
        event = "quiet"
    at_ms = incident.raised_ms if news.what is merge.What.OPENED else news.at_ms
    told = replace(more, at_ms=at_ms, text=text_of(incident, more))
    built = _built(arc, arc.badges[incident.badge], event, what, told)
    return replace(built, incident_id=incident.id, event_id=news.id)


def test_message(arc: Arc, now_ms: int, by: str) -> Message:
    """A manual test of the path, of no incident."""
    zone = Zone(arc.account, 0)
    said = ascii_of(f"TEST by {by}" if by else "TEST")
    return _built(arc, zone, codes.TEST, What.TEST, More(now_ms, said))


def instead(arc: Arc, refused: Message) -> Message | None:
    """What is sent for an event that the centre does not take; None when there is nothing left.

    Of a test there never is: the other code stands for an alarm.
    """
    if refused.event in {codes.FALLBACK, codes.TEST} or refused.what is not What.ALARM:
        return None
    zone = Zone(refused.account, refused.zone)
    return replace(
        refused, event=codes.FALLBACK, data=_data(arc, zone, codes.FALLBACK, refused.what)
    )


def text_of(incident: Incident, more: More = NOTHING) -> str:
    """What an operator reads: what, who, which incident of ours, and how well the place is known.

    A hint is said here alone: [X] and [Y] have no room for how wide it is.
    """
    words = "DURESS" if incident.duress else alarm_words(incident.kind)
    test = "TEST " if incident.test else ""
    said = f"{test}{words}, {who(incident.wearer, incident.badge)}, no. {incident.id}"
    fix = more.where.best_fix(more.now_ms)
    known = [] if fix is None else [fix]
    known += [one for one in more.where.hints if one.known]
    return ascii_of("; ".join([said, *(one.short_words(more.now_ms) for one in known)]))


def ascii_of(text: str) -> str:
    """The text in ASCII, without what means something in a frame: accents go, the rest is ?."""
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    kept = "".join(one for one in plain if not unicodedata.combining(one))
    readable = "".join(one if " " <= one <= "~" else "?" for one in " ".join(kept.split()))
    return readable.translate(_LETTERS)[:_LONGEST_TEXT]


def place_of(lat_e7: int, lon_e7: int) -> tuple[str, str]:
    """A position as [X] and [Y] have it: degrees and minutes, the minutes to 0.2 m."""
    return (
        f"X{_degrees(lon_e7, 3, 'EW')}",
        f"Y{_degrees(lat_e7, 2, 'NS')}",
    )


def _degrees(e7: int, digits: int, sides: str) -> str:
    # 6/10000 of a minute is 1e-5 degrees: whole numbers, so that no 60.0000 comes of rounding.
    whole, rest = divmod(round(abs(e7) * 600_000 / E7), 600_000)
    return f"{whole:0{digits}d}{sides[e7 < 0]}{rest // 10_000:02d}.{rest % 10_000:04d}"


def _built(arc: Arc, zone: Zone, event: str, what: What, told: More) -> Message:
    extended = [f"H{stamp_of(told.at_ms)}"]
    # Centres are known that take one block only with Contact ID.
    if arc.protocol == SIA_DCS:
        extended.append(f"I{told.text}")
        fix = told.where.best_fix(told.now_ms)
        if fix is not None and fix.lat_e7 is not None and fix.lon_e7 is not None:
            extended += place_of(fix.lat_e7, fix.lon_e7)
        if told.link:
            extended.append(f"{LINK}{told.link}")
    return Message(
        account=zone.account,
        zone=zone.number,
        what=what,
        event=event,
        protocol=arc.protocol,
        data=_data(arc, zone, event, what),
        extended=tuple(extended),
    )


def _data(arc: Arc, zone: Zone, event: str, what: What) -> str:
    code, is_over = arc.code(event), what is What.RESTORE
    if arc.protocol == SIA_DCS:
        return codes.sia_data(zone.account, code.restore if is_over else code.sia, zone.number)
    return codes.cid_data(zone.account, code.cid, zone.number, is_over=is_over)
