"""Where the wearer of an incident is, as far as anybody knows: what a badge said, what was noted.

A fix is where somebody or satellites saw the wearer. A cell or a tag that the badge heard is a
hint: both can be copied, and say where the transmitter is. Works inside the caller's transaction.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from badge.core.codec import place
from nabij.centre.cells import circles
from nabij.centre.database.cell_table import Key
from nabij.centre.incidents import places, sightings
from nabij.centre.incidents.places import E7
from nabij.centre.incidents.sightings import Sighting
from nabij.centre.incidents.words import duration
from nabij.centre.people import room_tags
from nabij.centre.people.room_tags import RoomTag

# No receiver of satellites is better than that, whatever it says of itself.
LEAST_ACCURACY_M: Final = 5
# How far a tag is heard within a building: an assumption, as none says how strong it calls.
TAG_RADIUS_M: Final = 20
# How far somebody gets on foot; what was so a while ago is worth that much less.
_WALKS_M_S: Final = 1.5
# A hint has to be that much narrower than a fix to be worth as much.
_HINT: Final = 2.0
# The age of a fix comes in whole seconds, and a message takes some to arrive.
_SAME_FIX_MS: Final = 30_000
# Of the track, what is shown: the newest.
MOST_SHOWN: Final = 100


class Source(StrEnum):
    """Who says so."""

    NOTED = "noted"
    SATELLITES = "satellites"
    CELL = "cell"
    TAG = "tag"


_SOURCES: Final = {
    place.SATELLITES: Source.SATELLITES,
    place.CELL: Source.CELL,
    place.TAG: Source.TAG,
}


# `{name}` is filled in.
HOW: Final[Mapping[str, str]] = {
    "noted": "noted by {name}",
    "satellites": "by satellite",
    "cell": "by cell {name}",
    "cell_unknown": "by cell {name}, which is not in the table",
    "cell_only": "by its cell",
    "tag": "by the room tag of {name}",
    "tag_unknown": "by tag {name}, which is not in the register",
    "tag_only": "by a room tag",
}


@dataclass(frozen=True)
class Spot:
    """One thing that is known of where: `at_ms` (since 1970 UTC) is when it was so.

    Without a position where only a name is known: `name` is that of the cell, or of the room of a
    tag, as `known` says. `until_ms` is when the badge last said the same again.
    """

    source: Source
    at_ms: int
    until_ms: int
    lat_e7: int | None = None
    lon_e7: int | None = None
    accuracy_m: int | None = None
    name: str = ""
    site: str = ""
    known: bool = True
    strength_dbm: int | None = None
    speed_cm_s: int | None = None
    zone: int | None = None
    by: str = ""

    @property
    def hint(self) -> bool:
        """Whether it says where a transmitter is that anybody can copy."""
        return self.source in {Source.CELL, Source.TAG}

    @property
    def has_position(self) -> bool:
        """Whether it is a circle on the map."""
        return self.lat_e7 is not None

    @property
    def spot(self) -> str:
        """Its middle in degrees; empty without one."""
        if self.lat_e7 is None or self.lon_e7 is None:
            return ""
        return f"{self.lat_e7 / E7:.5f}, {self.lon_e7 / E7:.5f}"

    @property
    def how(self) -> str:
        """Who says so, of HOW; `{name}` is `named`."""
        if not self.hint:
            return HOW[self.source]
        if not self.name:
            return HOW[f"{self.source}_only"]
        return HOW[self.source if self.known else f"{self.source}_unknown"]

    @property
    def named(self) -> str:
        """The cell, the room and its site, or who noted it."""
        return self.by or (f"{self.name} ({self.site})" if self.site else self.name)

    def words(self, now_ms: int) -> str:
        """In words, with middle, accuracy and age, as of now."""
        return self._words(f" of {self.spot}", [_ago(self, now_ms)])

    def short_words(self, now_ms: int) -> str:
        """The same without the middle, for where that is said otherwise."""
        return self._words("", [_ago(self, now_ms)])

    def lasting_words(self) -> str:
        """The same without an age, for what stands beside its time."""
        return self._words(f" of {self.spot}", [])

    def _words(self, of_spot: str, ago: list[str]) -> str:
        parts = ["hint"] if self.hint else []
        if self.has_position:
            parts.append(f"within {self.accuracy_m} m{of_spot}")
        parts += [*ago, self.how.replace("{name}", self.named)]
        if self.strength_dbm is not None:
            parts.append(f"{self.strength_dbm} dBm")
        if self.speed_cm_s:
            parts.append(f"moving at {self.speed_cm_s * 0.036:.0f} km/h")
        if self.zone is not None:
            parts.append(f"in zone {self.zone} of the site")
        return ", ".join(parts)

    def fields(self) -> dict[str, Any]:
        """Everything about it, for JSON."""
        said = {"source": str(self.source), "hint": self.hint, "words": self.lasting_words()}
        return {**asdict(self), **said}


@dataclass(frozen=True)
class Whereabouts:
    """All that is known of one incident, in the order of its times; `trouble` with the cells."""

    spots: tuple[Spot, ...] = ()
    trouble: str = ""

    def best(self, now_ms: int) -> Spot | None:
        """The narrowest circle that holds the wearer still, walking; a hint counts as wider."""
        return _best((one for one in self.spots if one.has_position), now_ms)

    def best_fix(self, now_ms: int) -> Spot | None:
        """The same of what is no hint."""
        return _best((one for one in self.spots if one.has_position and not one.hint), now_ms)

    @property
    def hints(self) -> tuple[Spot, ...]:
        """The newest cell and the newest tag: what there is where no satellites are seen."""
        newest = {one.source: one for one in self.spots if one.hint}
        return tuple(newest.values())

    def first(self, now_ms: int) -> tuple[Spot, ...]:
        """What is said before all else: the best, the best fix beside a hint, the newest hints."""
        found = (self.best(now_ms), self.best_fix(now_ms), *self.hints)
        return tuple(dict.fromkeys(one for one in found if one is not None))

    def sentences(self, now_ms: int) -> list[str]:
        """That in words; empty when nobody knows anything."""
        return [one.words(now_ms) for one in self.first(now_ms)]

    def shows_cells(self) -> bool:
        """Whether a circle is in it that is made of OpenCelliD's data."""
        return any(
            one.source is Source.CELL and one.has_position and one.name for one in self.spots
        )

    def fields(self, now_ms: int) -> dict[str, Any]:
        """For JSON: the best, its words, and all of it; whose data the circles are made of."""
        best = self.best(now_ms)
        return {
            "best": None if best is None else best.fields(),
            "words": self.sentences(now_ms),
            "spots": [one.fields() for one in self.spots[-MOST_SHOWN:]],
            "cells_by": circles.ATTRIBUTION if self.shows_cells() else "",
        }


NOWHERE: Final = Whereabouts()


def of(connection: sa.Connection, incident_ids: Collection[int]) -> dict[int, Whereabouts]:
    """What is known of each of these incidents; of whom nothing is known is left out."""
    said = sightings.of(connection, incident_ids)
    noted = places.of(connection, incident_ids)
    seen = [one for those in said.values() for one in those]
    cells = circles.of(connection, {key for one in seen if (key := _key(one)) is not None})
    tags = room_tags.find(connection, {one.tag for one in seen if one.tag is not None})
    found = {}
    for incident_id in {*said, *noted}:
        told = [spot for one in said.get(incident_id, ()) for spot in _said(one, cells, tags)]
        spots = _without_repeats(told) + [_noted(one) for one in noted.get(incident_id, ())]
        spots.sort(key=lambda spot: (spot.at_ms, spot.until_ms))
        found[incident_id] = Whereabouts(tuple(spots), cells.trouble)
    return found


def one_of(connection: sa.Connection, incident_id: int) -> Whereabouts:
    """What is known of one incident."""
    return of(connection, [incident_id]).get(incident_id, NOWHERE)


def _best(spots: Iterable[Spot], now_ms: int) -> Spot | None:
    def reach_m(one: Spot) -> float:
        away_m = max(0, now_ms - one.until_ms) / 1000 * _WALKS_M_S
        return (one.accuracy_m or 0) * (_HINT if one.hint else 1.0) + away_m

    return min(spots, key=reach_m, default=None)


def _ago(one: Spot, now_ms: int) -> str:
    return f"{duration(max(0, now_ms - one.until_ms))} ago"


def _noted(one: places.Position) -> Spot:
    return Spot(
        Source.NOTED,
        one.at_ms,
        one.at_ms,
        lat_e7=one.lat_e7,
        lon_e7=one.lon_e7,
        accuracy_m=one.accuracy_m,
        by=one.by,
    )


def _said(one: Sighting, cells: circles.Found, tags: dict[bytes, RoomTag]) -> list[Spot]:
    """What one rev of an alarm said, as up to three spots; speed and zone go with the first."""
    found = []
    if one.at_ms is not None and one.source is not None:
        found.append(
            Spot(
                _SOURCES[one.source],
                one.at_ms,
                one.at_ms,
                lat_e7=one.lat_e7,
                lon_e7=one.lon_e7,
                accuracy_m=max(LEAST_ACCURACY_M, one.accuracy_m or 0),
            )
        )
    if (tag := one.tag) is not None:
        found.append(_of_tag(one, tag, tags.get(tag)))
    key = _key(one)
    if key is not None:
        found.append(_of_cell(one, key, cells.circles.get(key)))
    if found:
        found[0] = replace(found[0], speed_cm_s=one.speed_cm_s, zone=one.zone)
    return found


def _of_tag(one: Sighting, tag: bytes, room: RoomTag | None) -> Spot:
    spot = Spot(Source.TAG, one.told_ms, one.told_ms, strength_dbm=one.rssi_dbm)
    if room is None:
        return replace(spot, name=tag.hex(), known=False)
    has_position = room.lat_e7 is not None
    return replace(
        spot,
        name=room.room,
        site=room.site,
        lat_e7=room.lat_e7,
        lon_e7=room.lon_e7,
        accuracy_m=TAG_RADIUS_M if has_position else None,
    )


def _of_cell(one: Sighting, key: Key, circle: circles.Circle | None) -> Spot:
    spot = Spot(
        Source.CELL,
        one.told_ms,
        one.told_ms,
        name=circles.name(key),
        known=circle is not None,
        strength_dbm=one.rsrp_dbm,
    )
    if circle is None:
        return spot
    return replace(spot, lat_e7=circle.lat_e7, lon_e7=circle.lon_e7, accuracy_m=circle.radius_m)


def _key(one: Sighting) -> Key | None:
    if one.mcc is None or one.mnc is None or one.tac is None or one.ci is None:
        return None
    return Key(one.mcc, one.mnc, one.tac, one.ci)


def _without_repeats(spots: Iterable[Spot]) -> list[Spot]:
    """What a badge says in one rev after another is one spot, until when it said so last."""
    kept: list[Spot] = []
    # By source, what it said last.
    last: dict[Source, int] = {}
    for one in spots:
        at = last.get(one.source)
        if at is not None and _is_same(kept[at], one):
            until_ms = max(one.until_ms, kept[at].until_ms)
            kept[at] = replace(one, at_ms=min(one.at_ms, kept[at].at_ms), until_ms=until_ms)
            continue
        last[one.source] = len(kept)
        kept.append(one)
    return kept


def _is_same(one: Spot, other: Spot) -> bool:
    # A fix that is told again is as old as it was; that of a cell is heard anew.
    is_moved = one.source is Source.SATELLITES and abs(other.at_ms - one.until_ms) > _SAME_FIX_MS
    return not is_moved and (one.lat_e7, one.lon_e7, one.name) == (
        other.lat_e7,
        other.lon_e7,
        other.name,
    )
