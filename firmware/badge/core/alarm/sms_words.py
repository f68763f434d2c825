"""An alarm in words for a person's phone: one message, in letters that every phone has."""

from collections import namedtuple

from badge.core import utc
from badge.core.alarm import kinds

# name: who needs help. utc_s: since when, or None, and then age_ms counts. offset_min: local time
# less UTC. position: as on the wire, or None.
Said = namedtuple("Said", ("name", "kind", "utc_s", "age_ms", "offset_min", "position"))

TEXT_MAX = 160
_DEGREE_E7 = 10_000_000
# A place of which nobody knows how old it is would send people to where nobody is.
_OLD_S = 3600

# A line each: head, at a time, so long ago, place, its accuracy, what to do; then what happened.
_WORDS = {
    "en": (
        "ALARM of a person: %s",
        "at %02d:%02d",
        "%d min ago",
        "Place %d min ago",
        "within %d m",
        "The alarm centre does not answer yet: call or go there.",
        {
            kinds.SOS: "asks for help",
            kinds.MAN_DOWN: "fell and is down",
            kinds.REST: "does not move",
            kinds.TILT: "is lying",
            kinds.RIP: "badge torn off",
            kinds.CHECK_IN: "does not answer",
            kinds.AMBER: "is not back in time",
            kinds.FLIGHT: "is running away",
        },
    ),
    "nl": (
        "ALARM van een persoon: %s",
        "om %02d:%02d",
        "%d min geleden",
        "Plaats %d min geleden",
        "binnen %d m",
        "De meldkamer antwoordt nog niet: bel of ga erheen.",
        {
            kinds.SOS: "vraagt om hulp",
            kinds.MAN_DOWN: "gevallen en ligt",
            kinds.REST: "beweegt niet",
            kinds.TILT: "ligt",
            kinds.RIP: "badge afgerukt",
            kinds.CHECK_IN: "antwoordt niet",
            kinds.AMBER: "is niet op tijd terug",
            kinds.FLIGHT: "rent weg",
        },
    ),
    "de": (
        "ALARM einer Person: %s",
        "um %02d:%02d",
        "vor %d Min",
        "Ort vor %d Min",
        "auf %d m",
        "Die Zentrale antwortet noch nicht: anrufen oder hingehen.",
        {
            kinds.SOS: "ruft um Hilfe",
            kinds.MAN_DOWN: "gestuerzt und liegt",
            kinds.REST: "bewegt sich nicht",
            kinds.TILT: "liegt",
            kinds.RIP: "Badge abgerissen",
            kinds.CHECK_IN: "antwortet nicht",
            kinds.AMBER: "ist nicht rechtzeitig da",
            kinds.FLIGHT: "rennt weg",
        },
    ),
}


def words(language, said):
    """Return what a person is told, at most TEXT_MAX characters; what has no room is left out."""
    head, at, ago, place, within, do, what = _WORDS[language]
    text = head % said.name + ", " + what.get(said.kind, what[kinds.SOS])
    if said.utc_s is not None:
        _, _, _, hour, minute, _ = utc.to_civil(said.utc_s + 60 * said.offset_min)
        text += " " + at % (hour, minute)
    else:
        text += " " + ago % (said.age_ms // 60_000)
    text += "."
    rest = _place(said.position, place, within)
    rest.append(do)
    for more in rest:
        if len(text) + 1 + len(more) <= TEXT_MAX:
            text += " " + more
    return text


def said_of(name, alarm, now_ms, offset_min, position):
    """Return the Said of an alarm."""
    return Said(name, alarm.kind, alarm.utc_s, alarm.age_ms(now_ms), offset_min, position)


def _place(position, place, within):
    """A link that a phone opens as a map, with how old it is; and how far that may be off."""
    if position is None or position.age_s > _OLD_S:
        return []
    lat, lon = _degrees(position.lat_e7), _degrees(position.lon_e7)
    text = "%s: osm.org/?mlat=%s&mlon=%s" % (place % (position.age_s // 60), lat, lon)
    return [text, within % position.accuracy_m + "."]


def _degrees(e7):
    """Five digits are a metre."""
    return "%s%d.%05d" % (
        "-" if e7 < 0 else "",
        abs(e7) // _DEGREE_E7,
        abs(e7) % _DEGREE_E7 // 100,
    )
