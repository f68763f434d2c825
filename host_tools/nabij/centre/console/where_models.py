"""What the JSON API gives of where a wearer is: as models.py says."""

from msgspec import Struct


class PlaceItem(Struct, frozen=True):
    """One thing that is known of where the wearer is: a circle, or only the name of one.

    `source`: noted, satellites, cell, tag. `hint`: it says where something stands that the badge
    heard, and that anybody can copy. It was so at `at_ms`, and the badge said so last at
    `until_ms`. `how` is who says so, for people, with `name` filled in; `known`: the cell stands
    in the table, the tag in the register.
    """

    source: str
    hint: bool
    at_ms: int
    until_ms: int
    lat: float | None
    lon: float | None
    accuracy_m: int | None
    how: str
    name: str
    known: bool
    strength_dbm: int | None
    speed_cm_s: int | None
    zone: int | None
    by: str


class PictureItem(Struct, frozen=True):
    """The floor plan of a site: the path of the picture, and where its edges are."""

    path: str
    north: float
    south: float
    west: float
    east: float
