"""What the JSON API takes and gives about places and motion: as models.py says."""

from typing import Annotated

from msgspec import Meta, Struct, field

from nabij.centre.console.models import Asked, LongText, Name

Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]
Milliseconds = Annotated[int, Meta(ge=0, le=4_102_444_800_000)]


class PositionAsked(Asked, frozen=True):
    """Where the wearer was `age_s` ago, and within how many metres: there is no bare point."""

    lat: Latitude
    lon: Longitude
    accuracy_m: Annotated[int, Meta(ge=1, le=100_000)]
    age_s: Annotated[int, Meta(ge=0, le=86_400)] = 0


class Phase(Asked, frozen=True):
    """What the detector saw begin then."""

    at_ms: Milliseconds
    what: Name


class MotionAsked(Asked, frozen=True):
    """The motion around an alarm, as it was read from the badge, and why it was decided so."""

    begin_ms: Milliseconds
    step_ms: Annotated[int, Meta(ge=1, le=1000)]
    magnitudes_mg: Annotated[
        list[Annotated[int, Meta(ge=0, le=65_535)]], Meta(min_length=2, max_length=6000)
    ]
    phases: Annotated[list[Phase], Meta(max_length=20)] = field(default_factory=list)
    why: LongText = ""


class Motion(Struct, frozen=True):
    """The motion around an alarm."""

    begin_ms: int
    step_ms: int
    magnitudes_mg: list[int]
    phases: list[Phase]
    why: str
    by: str


class PictureAsked(Asked, frozen=True):
    """A floor plan: PNG or JPEG as base64, and where its edges are; empty for none any more."""

    picture: Annotated[str, Meta(max_length=1_350_000)]
    north: Latitude = 0.0
    south: Latitude = 0.0
    west: Longitude = 0.0
    east: Longitude = 0.0
