"""What somebody reads who is called."""

from dataclasses import dataclass
from typing import Final

from badge.core.alarm import kinds
from nabij.centre.escalation.outbox import CANNOT, HELP, TAKE, Row, State
from nabij.centre.incidents.incident import Incident
from nabij.centre.incidents.whereabouts import NOWHERE, Whereabouts
from nabij.centre.incidents.words import alarm_words, duration

DRILL: Final = "DRILL"
_DURESS: Final = "UNDER DURESS: do not call or message the wearer, it would give them away."
# Who squeezes may have their reason not to speak.
_SILENT: Final = "The wearer may be under threat: do not call them before you know."
_REPEATED: Final = "This may have reached you before: the alarm centre was interrupted."
_DRILL: Final = "This is a DRILL, nobody is in need. Answer as you would an alarm."


def title(incident: Incident | None) -> str:
    """One line: what, and who."""
    if incident is None:
        return f"{DRILL}: answer as you would an alarm"
    what = "DURESS" if incident.duress else alarm_words(incident.kind)
    return f"{what}: {incident.wearer or f'badge {incident.badge}'}"


@dataclass(frozen=True)
class Now:
    """What is known as the message goes out: the time (ms since 1970 UTC), and where they are."""

    at_ms: int
    where: Whereabouts = NOWHERE


def body(row: Row, incident: Incident | None, link: str, now: Now) -> str:
    """The rest of the message; `link` is where they answer, empty when there is no such place."""
    lines = [_DRILL if incident is None else incident.sentence(now.at_ms)]
    lines += [f"Where: {one}." for one in now.where.sentences(now.at_ms)]
    if incident is not None and incident.duress:
        lines.append(_DURESS)
    elif incident is not None and incident.kind == kinds.SOS:
        lines.append(_SILENT)
    if row.repeated:
        lines.append(_REPEATED)
    lines.append(f"Answer here: {link}" if link else "Answer at the alarm centre.")
    return "\n".join(lines)


def sent(row: Row) -> str:
    """What became of a message, on one line; empty while nothing did."""
    if row.state is State.SKIPPED:
        return f"  {row.name}: not called, {row.said}"
    if row.done_ms is None or row.state not in {State.SENT, State.FAILED}:
        return ""
    took = duration(row.done_ms - (row.began_ms or row.done_ms))
    again = ", sent again after an interruption" if row.repeated else ""
    if row.state is State.FAILED:
        return f"  {row.name}, {row.channel}: FAILED after {row.tries} tries ({row.said}){again}"
    return f"  {row.name}, {row.channel}: sent in {took}{again}"


def answered(row: Row, what: str, at_ms: int) -> str:
    """Who answered what how fast, on one line."""
    after = duration(at_ms - (row.began_ms or at_ms))
    said = {TAKE: "took it", CANNOT: "cannot come", HELP: "sends help"}[what]
    return f"  {row.name}, {row.channel}: {said} {after} after it was sent"
